# SPDX-License-Identifier: Apache-2.0
"""What records have to say of each other: each act whole, each name resolved, nothing after an end, evidence for every grant."""
from collections import defaultdict
from datetime import datetime

MAX_STEP_BACK_S = 30
CLOCK_S = 30
UNTOUCHED = ("refused", "not-made", "judged-again")


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Judge:
    def __init__(self, records):
        self.records, self.problems = records, []
        self.intents, self.outcomes, self.events = {}, {}, {}
        self.starts, self.requests, self.leases = {}, {}, {}
        self.votes, self.serials, self.evidence = defaultdict(list), defaultdict(list), defaultdict(dict)
        self.ends, self.quiets = {}, {}

    def report(self, code, record, message):
        self.problems.append({"code": code, "index": record["index"], "message": message})

    def result(self, intent):
        """What came of an intent; None = nothing is recorded."""
        outcome = self.outcomes.get(intent["id"])
        return None if outcome is None else outcome["body"].get("result", "")

    def is_done(self, intent):
        return intent is not None and self.result(intent) not in (None, *UNTOUCHED)

    def index(self):
        """Who is who, with ids that are unique and time that does not run back."""
        latest = 0.0
        for record in self.records:
            at = seconds(record["at"])
            if at < latest - MAX_STEP_BACK_S:
                self.report("TIME_RAN_BACK", record, f"{latest - at:.0f} s before an earlier record")
            latest = max(latest, at)
            phase = {"intent": self.intents, "outcome": self.outcomes, "event": self.events}[record["phase"]]
            if record["id"] in phase:
                self.report("DUPLICATE_ID", record, "a second record of this id and phase")
            phase[record["id"]] = record
            self.note(record)

    def note(self, record):
        kind, phase, body = record["kind"], record["phase"], record["body"]
        act = body.get("act")
        if kind == "task" and phase == "intent" and act == "start":
            self.starts.setdefault(record.get("task"), record)
        elif kind == "approval" and phase == "intent" and act == "request":
            self.requests.setdefault(record.get("approval"), record)
        elif kind == "approval" and phase == "intent" and act in ("approve", "deny"):
            self.votes[record.get("approval")].append(record)
        elif kind == "lease" and phase == "intent" and act == "begin":
            self.leases.setdefault(record.get("lease"), record)
        elif kind == "issuance" and "serial" in record:
            self.serials[record["serial"]].append(record)
        elif kind == "grant" and body.get("state") == "gone":
            self.evidence[record.get("task")].setdefault(body.get("grant"), record)
        elif kind == "quiet":
            for task in body.get("tasks", []):
                self.quiets.setdefault(task, record)
        elif kind in ("task", "kill") and phase == "intent" and act == "end":
            for task in body.get("tops", []):
                self.ends.setdefault(task, record)

    def whole_acts(self):
        for identity, intent in self.intents.items():
            outcome = self.outcomes.get(identity)
            if outcome is None:
                self.report("INTENT_WITHOUT_OUTCOME", intent, "nothing says how it ended")
                continue
            if outcome["index"] < intent["index"]:
                self.report("OUTCOME_BEFORE_INTENT", outcome, "the outcome stands before its intent")
            for name in ("kind", "task", "tool", "approval", "lease"):
                if name in intent and name in outcome and intent[name] != outcome[name]:
                    self.report("OUTCOME_OF_ANOTHER", outcome, f"intent and outcome differ in {name}")
        for identity, outcome in self.outcomes.items():
            if identity not in self.intents:
                self.report("OUTCOME_WITHOUT_INTENT", outcome, "no intent has this id")
        for event in self.events.values():
            if event["kind"] == "call":
                self.report("CALL_WITHOUT_INTENT", event, "a call that was not recorded before it was made")

    def tasks(self):
        for record in self.records:
            task = record.get("task")
            if task is None or record.get("decision") == "deny" and record["phase"] == "event":
                continue
            start = self.starts.get(task)
            if start is None or start["index"] > record["index"]:
                self.report("TASK_UNKNOWN", record, f"no start of {task} comes before")
        for task, start in self.starts.items():
            self.child(task, start)

    def child(self, task, start):
        parent = start["body"].get("parent", "")
        if parent == "" or not self.is_done(start):
            return
        above = self.starts.get(parent)
        if above is None or above["index"] > start["index"]:
            return self.report("PARENT_UNKNOWN", start, f"no start of the parent {parent} comes before")
        tools = [{(each["server"], each["tool"]) for each in of["body"]["scope"]["tools"]} for of in (start, above)]
        if not tools[0] <= tools[1]:
            self.report("SCOPE_WIDENS", start, "a child has a tool that its parent has not")
        if start["body"]["not_after"] > above["body"]["not_after"]:
            self.report("OUTLIVES_PARENT", start, "a child lasts longer than its parent")

    def ended_before(self, record):
        """Whether the task, or one above it, was ended for good before the record. An end takes hold with its outcome."""
        task = record.get("task")
        while task is not None and task != "":
            end = self.ends.get(task)
            done = None if end is None else self.outcomes.get(end["id"])
            if done is not None and done["index"] < record["index"] and done["body"].get("result") == "done":
                return True
            quiet = self.quiets.get(task)
            if quiet is not None and quiet["index"] < record["index"]:
                return True
            task = self.starts.get(task, {"body": {}})["body"].get("parent")
        return False

    def calls(self):
        decisions = {}
        for call in self.intents.values():
            if call["kind"] != "call":
                continue
            if call.get("decision") != "allow":
                self.report("CALL_NOT_ALLOWED", call, "a call without the decision that allows it")
            for name in ("task", "serial", "tool", "args_digest", "policy_digest"):
                if name not in call:
                    self.report("CALL_INCOMPLETE", call, f"the call does not name its {name}")
            decision = call["body"].get("decision_id", "")
            if decision == "" or not call["body"].get("policy_ids") or decision in decisions:
                self.report("DECISION_UNKNOWN", call, "no decision of its own, with the policies that made it")
            decisions[decision] = call
            self.serial(call)
            if self.is_done(call) and self.ended_before(call):
                self.report("ACT_AFTER_END", call, "a call of a task that was over")
        self.approvals()

    def serial(self, call):
        issued = [each for each in self.serials.get(call.get("serial"), []) if each["index"] < call["index"]]
        mine = [each for each in issued if each.get("task") == call.get("task")]
        if not mine:
            return self.report("SERIAL_UNKNOWN", call, "no certificate of this task has the serial that was shown")
        if all(seconds(each["body"]["not_after"]) + CLOCK_S < seconds(call["at"]) for each in mine):
            self.report("SERIAL_EXPIRED", call, "the certificate that was shown had expired")

    def approvals(self):
        used = defaultdict(list)
        for call in self.intents.values():
            if call["kind"] == "call" and "approval" in call and self.is_done(call):
                used[call["approval"]].append(call)
        for approval, calls in used.items():
            for second in calls[1:]:
                self.report("APPROVAL_TWICE", second, f"{approval} was used before")
            self.approval(approval, calls[0])
        for approval, votes in self.votes.items():
            if approval not in self.requests:
                self.report("APPROVAL_UNKNOWN", votes[0], f"nobody asked for {approval}")

    def approval(self, approval, call):
        request = self.requests.get(approval)
        if not self.is_done(request) or request["index"] > call["index"]:
            return self.report("APPROVAL_UNKNOWN", call, f"nobody asked for {approval} before")
        for name in ("task", "tool", "args_digest", "policy_digest"):
            if request.get(name) != call.get(name):
                self.report("APPROVAL_OF_ANOTHER", call, f"what was approved differs in {name}")
        before = [each for each in self.votes[approval] if self.is_done(each) and each["index"] < call["index"]]
        said = {act: {each["actor"] for each in before if each["body"]["act"] == act} for act in ("approve", "deny")}
        start = self.starts.get(call.get("task"), {"body": {}})["body"]
        if said["approve"] & {start.get("owner"), start.get("requested_by")}:
            self.report("APPROVED_BY_OWNER", call, "who answers for the task, or asked for it, approved its call")
        if said["deny"] or len(said["approve"]) < max(1, request["body"].get("approvers", 1)):
            self.report("APPROVAL_MISSING", call, f"{approval} was not approved by enough people, or denied")

    def lease_joins(self):
        for lease, begin in self.leases.items():
            if not self.is_done(begin) or self.result(begin) not in ("begun", "unknown"):
                continue
            call = self.intents.get(begin["body"].get("call"))
            if call is None or call["kind"] != "call" or call["index"] > begin["index"]:
                self.report("LEASE_WITHOUT_CALL", begin, "no call that was let through comes before")
            elif call.get("task") != begin.get("task"):
                self.report("LEASE_OF_ANOTHER", begin, "call and lease are of different tasks")
            elif self.outcomes.get(call["id"], begin)["index"] < begin["index"]:
                self.report("LEASE_AFTER_CALL", begin, "the call was over")
            if self.ended_before(begin):
                self.report("ACT_AFTER_END", begin, "a lease of a task that was over")

    def quiet(self):
        for record in self.records:
            if record["kind"] != "quiet":
                continue
            at, tasks = seconds(record["at"]), record["body"].get("tasks", [])
            gone = {}
            for task in tasks:
                gone.update({k: v for k, v in self.evidence[task].items() if v["index"] < record["index"]})
            for grant, evidence in gone.items():
                if evidence["body"].get("method", "") == "":
                    self.report("EVIDENCE_EMPTY", evidence, f"nothing says how {grant} was seen to be gone")
            expected = [(task, self.starts.get(task)) for task in tasks]
            expected += [(lease, begin) for lease, begin in self.leases.items() if begin.get("task") in tasks]
            for grant, start in expected:
                is_over = start is not None and seconds(start["body"]["not_after"]) <= at
                is_held = start is not None and self.result(start) in ("done", "begun")
                if grant not in gone and is_held and not is_over and start["index"] < record["index"]:
                    self.report("QUIET_WITHOUT_EVIDENCE", record, f"nothing shows that {grant} is gone")
            ends = [seconds(start["body"]["not_after"]) for _, start in expected if start is not None]
            if len(gone) < record["body"].get("grants", 0) and (not ends or at < min(ends)):
                counts = f"{len(gone)} of {record['body']['grants']}"
                self.report("QUIET_WITHOUT_EVIDENCE", record, f"evidence for {counts} grants only")
        for issued in (each for many in self.serials.values() for each in many):
            if self.quiets.get(issued.get("task"), issued)["index"] < issued["index"]:
                self.report("ACT_AFTER_END", issued, "a certificate of a task that was quiet")


def judge(records):
    """Problems in their order, and how many of what there are."""
    of = Judge(records)
    of.index()
    for step in (of.whole_acts, of.tasks, of.calls, of.lease_joins, of.quiet):
        step()
    counts = defaultdict(int)
    for record in records:
        counts[f"{record['kind']} {record['phase']}"] += 1
    return sorted(of.problems, key=lambda each: each["index"]), counts
