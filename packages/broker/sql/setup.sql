-- SPDX-License-Identifier: Apache-2.0
-- What a PostgreSQL cluster needs before the broker may give leases for a database. Run once by its owner (a superuser), in that database:
--   psql -v broker=mayfly_broker -v readers=orders_tools -f setup.sql orders
-- then give the group the rights that tools need (GRANT SELECT ON … TO orders_tools) and the broker a way to log in
-- (\password mayfly_broker, or peer or certificate authentication in pg_hba.conf).

-- The broker makes and drops roles, nothing else: no superuser. Each broker has a role of its own: it drops what this role made and no lease owns.
CREATE ROLE :"broker" LOGIN CREATEROLE INHERIT NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 40;

-- Ends sessions of the roles that it made, and sees all there are. (Sessions of superusers are out of its reach.)
GRANT pg_signal_backend, pg_read_all_stats TO :"broker";

-- The rights of a lease: one group, granted once. It never logs in and never owns anything.
CREATE ROLE :"readers" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT :"readers" TO :"broker" WITH ADMIN OPTION;

-- A lease creates nothing: neither as itself nor as the group.
SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Accounts of before (legacy_roles in the broker's configuration) are rotated and closed by the broker when an operator orders it. From
-- PostgreSQL 16 on it needs to be allowed for each of them:
--   GRANT billing_app TO mayfly_broker WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;

-- Up to PostgreSQL 15, CREATEROLE reaches every role that is no superuser, pg_execute_server_program among them: whoever has the broker's
-- password has the cluster. Keep it to the broker's host and process.
-- A connection pooler between tools and database voids the proof that a lease is gone: its sessions are its own.
