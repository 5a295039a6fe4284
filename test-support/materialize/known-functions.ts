/**
 * Functions Materialize is known to have with PostgreSQL's meaning. A name that is not here is refused even
 * where PostgreSQL would answer, because Materialize might not have it.
 */
export const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set(
  `abs acos array_agg array_length array_to_string ascii asin atan avg bit_count bit_length bool_and bool_or
  btrim cast cbrt ceil ceiling char_length coalesce concat concat_ws convert_from cos cot count current_database
  current_schema date_bin date_part date_trunc decode digest dense_rank encode exp extract first_value floor
  format_type generate_series greatest initcap jsonb_agg jsonb_array_elements jsonb_array_elements_text
  jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_object_agg
  jsonb_object_keys jsonb_pretty jsonb_strip_nulls jsonb_typeof lag last_value lead least left length ln log log10
  lower lpad ltrim make_timestamp max md5 min mod now nullif octet_length pg_typeof position pow power radians
  rank regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table repeat replace
  reverse right round row_number rpad rtrim sha224 sha256 sha384 sha512 sin split_part sqrt starts_with stddev
  string_agg string_to_array strpos substr substring sum tan to_char to_jsonb to_timestamp translate trim trunc
  unnest upper variance version mz_version mz_now mz_environment_id mz_is_superuser row`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

/** PostgreSQL has these and Materialize has not: it says so in its own words. */
export const ABSENT_FUNCTIONS: ReadonlySet<string> = new Set(['convert_to', 'convert'])
