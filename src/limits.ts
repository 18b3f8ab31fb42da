/** Every number that bounds something, by name and with its unit. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Largest single object, as JSON text in bytes; more fails the pipeline with LimitExceeded. */
export const MAX_OBJECT_BYTES = 16 * MIB;
/** Largest line of text that a command may print, in bytes. */
export const MAX_LINE_BYTES = 8 * MIB;
/** Largest D-Bus message that is read, in bytes (the specification's own limit). */
export const MAX_MESSAGE_BYTES = 128 * MIB;
/** Largest D-Bus array, in bytes (the specification's own limit). */
export const MAX_ARRAY_BYTES = 64 * MIB;
/** Largest text of a pipeline, in UTF-16 units. */
export const MAX_TEXT_UNITS = 1 * MIB;
/** Commands in one pipeline: each may be a process. */
export const MAX_STAGES = 256;
/** Most bytes of objects that one PipelineObjects signal holds, unless a single object is larger. */
export const MAX_BATCH_BYTES = 128 * KIB;
/** Most objects that one PipelineObjects signal holds. */
export const MAX_BATCH_OBJECTS = 2000;
/** Bytes sent to one client and not seen acknowledged at which its pipelines pause. */
export const CLIENT_WINDOW_BYTES = 4 * MIB;
/** A paced client is sent a Ping after so many bytes. */
export const PING_EVERY_BYTES = 512 * KIB;
/** A Ping that the bus refused is sent again after so many milliseconds. */
export const PING_RETRY_MS = 200;
/** Credit, in signals, that the client library asks for. */
export const CLIENT_CREDIT_SIGNALS = 32;
/** Answer of `Evaluate`, in bytes of JSON text, unless `max-bytes` says otherwise. */
export const EVALUATE_MAX_BYTES = 16 * MIB;
/** What an object costs beside its text, in bytes, where many small ones are held. */
export const OBJECT_OVERHEAD_BYTES = 40;
/** Most bytes of JSON text that the pipelines of an owner keep for `current`. */
export const KEPT_OUTPUT_BYTES = 8 * MIB;
/** Objects that one `sort` holds at most: it has to keep them all in memory. */
export const MAX_SORTED_OBJECTS = 2_000_000;
/** Objects, or different values, that one `uniq`, `group` or `last` holds in memory at most. */
export const MAX_HELD_OBJECTS = 1_000_000;
/** Longest condition of `where`, in UTF-16 units. */
export const MAX_CONDITION_UNITS = 64 * KIB;
/** How deep the parentheses and `not` of a condition of `where` may be nested. */
export const MAX_CONDITION_DEPTH = 64;
/** Values and patterns that one condition of `where` may have: each is compared with every object. */
export const MAX_CONDITION_VALUES = 1000;
/** Shortest pause between two rounds of `watch`, in seconds. */
export const WATCH_MIN_S = 0.1;
/** Longest pause between two rounds of `watch`, in seconds: a week, within what a timer can count. */
export const WATCH_MAX_S = 604_800;
/** Objects of its input that one `js-eval` may get at once. */
export const MAX_EVALUATED_OBJECTS = 1_000_000;
/** What the JavaScript objects of one expression may fill, in MiB. */
export const EVALUATOR_HEAP_MIB = 256;
/** A process for expressions that nobody has used for so many milliseconds is ended: it takes some 45 MiB. */
export const EVALUATOR_IDLE_MS = 60_000;
/** Largest text of `hotwire run --input json`, which must be read whole, in UTF-16 units. */
export const MAX_JSON_INPUT_UNITS = 256 * MIB;
/** Pipelines that one owner may have, running or finished; the oldest finished go first. */
export const MAX_PIPELINES_PER_OWNER = 256;
/** Pipelines of one owner that may run at once. */
export const MAX_RUNNING_PER_OWNER = 128;
/** Bytes of objects that PutObjects may have waiting for a pipeline that does not read. */
export const INPUT_WINDOW_BYTES = 1 * MIB;
/** With so many bytes waiting PutObjects is refused: its caller does not wait for the replies. */
export const INPUT_MAX_BYTES = 64 * MIB;
/** Pipelines of one owner that may evaluate JavaScript at once, each in processes of its own; the others wait. */
export const MAX_EVALUATING_PIPELINES = 4;
/** Longest free text (an error, a traceback) in a message, in UTF-16 units. */
export const MAX_FREE_TEXT_UNITS = 64 * KIB;
/** How long an ending slave may take to end its pipelines, in milliseconds. */
export const END_BOUND_MS = 10_000;
/** `hotwire.status` of one command is sent at most this often, in milliseconds (5 a second). */
export const STATUS_INTERVAL_MS = 200;
/** Between the polite signal to a process group and SIGKILL, in milliseconds. */
export const KILL_GRACE_MS = 2000;
/** A connection that has not authenticated by then is given up, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A method call without its own limit is given up after so many milliseconds (D-Bus's customary 25 s). */
export const CALL_TIMEOUT_MS = 25_000;
/** Bodies that do not decode, after which a peer that sends nothing else is cut off. */
export const MAX_BAD_MESSAGES = 1000;
/** Bytes that may wait in our own socket before a sender must wait for drain. */
export const SEND_HIGH_WATER_BYTES = 1 * MIB;
/** A slave that the command started for itself on the session bus leaves after so many idle seconds. */
export const STARTED_SLAVE_IDLE_S = 300;
/** A file system that has not told its space by then is shown without it, in milliseconds. */
export const FILE_SYSTEM_TIMEOUT_MS = 2000;
/** File systems that do not answer, after which no other is asked: each holds one of the four threads of all pipelines. */
export const MAX_STUCK_FILE_SYSTEMS = 2;
/** Candidates that one completion answers at most: nobody reads on. */
export const MAX_CANDIDATES = 1000;
/** A word further from the start of the text is not completed, in UTF-16 units: reading so far would hold up others. */
export const MAX_COMPLETED_UNITS = 64 * KIB;
/** Names that completion reads of one directory: some 10 ms. */
export const MAX_COMPLETED_NAMES = 20_000;
/** Longest description of a candidate, in UTF-16 units. */
export const MAX_DESCRIPTION_UNITS = 200;
