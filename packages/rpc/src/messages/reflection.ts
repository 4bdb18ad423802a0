// SPDX-License-Identifier: Apache-2.0

/** One question of server reflection; `message_request` names the field that is set. */
export interface ServerReflectionRequest {
  readonly host: string;
  readonly message_request?:
    | "file_by_filename"
    | "file_containing_symbol"
    | "file_containing_extension"
    | "all_extension_numbers_of_type"
    | "list_services"
    | undefined;
  readonly file_by_filename?: string | undefined;
  readonly file_containing_symbol?: string | undefined;
  readonly file_containing_extension?:
    | { readonly containing_type: string; readonly extension_number: number }
    | undefined;
  readonly all_extension_numbers_of_type?: string | undefined;
  readonly list_services?: string | undefined;
}

/** One answer of server reflection; `message_response` names the field that is set. */
export interface ServerReflectionResponse {
  readonly valid_host: string;
  readonly original_request: ServerReflectionRequest | null;
  readonly message_response?:
    | "file_descriptor_response"
    | "all_extension_numbers_response"
    | "list_services_response"
    | "error_response"
    | undefined;
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] } | undefined;
  readonly all_extension_numbers_response?:
    | { readonly base_type_name: string; readonly extension_number: readonly number[] }
    | undefined;
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] } | undefined;
  readonly error_response?: { readonly error_code: number; readonly error_message: string } | undefined;
}
