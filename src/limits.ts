/** Every number that bounds something, by name and with its unit. */

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const DAY_S = 24 * 60 * 60;

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
/** The same over all owners of one uid, with the outputs that are current; the oldest of those go first. */
export const KEPT_OUTPUT_PER_USER_BYTES = 64 * MIB;
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
/** Longest that `replace` may take for one text, in milliseconds: others wait meanwhile. */
export const REPLACE_MAX_MS = 1000;
/** Largest content that `http-get` takes, in bytes: in base64 it is an object that still may travel. */
export const HTTP_MAX_BYTES = 10 * MIB;
/** Longest that one `http-get` may take, in milliseconds. */
export const HTTP_TIMEOUT_MS = 60_000;
/** Redirects that one `http-get` follows at most, as curl and browsers do. */
export const HTTP_MAX_REDIRECTS = 20;
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
/** Pipelines of one uid, over all of its owners; the oldest finished go first. */
export const MAX_PIPELINES_PER_USER = 2048;
/** Pipelines of one uid that may run at once: each may have several processes. */
export const MAX_RUNNING_PER_USER = 512;
/** Contexts (client connections) of one uid: as many connections as a system bus allows a user. */
export const MAX_CONTEXTS_PER_USER = 256;
/** Detached pipelines of one uid, running or finished. */
export const MAX_DETACHED_PER_USER = 64;
/** How long a detached pipeline that has finished is kept for whoever attaches to it, in seconds. */
export const DETACHED_KEPT_S = 7 * DAY_S;
/** Most bytes on disk that one detached pipeline has waiting; then it pauses. */
export const SPOOL_BYTES = 256 * MIB;
/** The same for all detached pipelines of one uid together. */
export const SPOOL_TOTAL_BYTES = 1 * GIB;
/** Bytes of calls of one new client that may wait until the bus has told whose it is. */
export const MAX_WAITING_CALL_BYTES = 4 * MIB;
/** Largest file of settings, in bytes. */
export const MAX_SETTINGS_FILE_BYTES = 64 * KIB;
/** Bytes of objects that PutObjects may have waiting for a pipeline that does not read. */
export const INPUT_WINDOW_BYTES = 1 * MIB;
/** With so many bytes waiting PutObjects is refused: its caller does not wait for the replies. */
export const INPUT_MAX_BYTES = 64 * MIB;
/** Pipelines of one owner that may evaluate JavaScript at once, each in processes of its own; the others wait. */
export const MAX_EVALUATING_PER_OWNER = 4;
/** The same over all owners of one uid: such a process may fill EVALUATOR_HEAP_MIB. */
export const MAX_EVALUATING_PER_USER = 16;
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
/** Pipelines that the history of a user holds; the oldest go. */
export const MAX_HISTORY_ENTRIES = 10_000;
/** A longer text is not kept in the history, in UTF-16 units: nobody typed it. */
export const MAX_HISTORY_UNITS = 64 * KIB;
/** Entries of the history that are shown unless told otherwise. */
export const HISTORY_SHOWN = 250;
/** How long to wait for others who write the user's store, in milliseconds. */
export const STORE_BUSY_MS = 5000;
/** The same where a pipeline is about to run: it must not wait for its history. */
export const STORE_BUSY_RUN_MS = 200;
/** Aliases that one user may have. */
export const MAX_ALIASES = 1000;
/** Longest text of an alias, in UTF-16 units. */
export const MAX_ALIAS_UNITS = 4096;
/** Longest name of an alias, in UTF-16 units. */
export const MAX_ALIAS_NAME_UNITS = 64;
/** A file of a spool is followed by another at this size, in bytes: what is needed no more goes file by file. */
export const SPOOL_SEGMENT_BYTES = 4 * MIB;
/** Written to a spool at once, in bytes. */
export const SPOOL_WRITE_BYTES = 1 * MIB;
/** A spool that could not be written (the disk is full) is tried again after so many milliseconds. */
export const SPOOL_RETRY_MS = 1000;
/** How long a detached pipeline whose feeder has left waits for another, in seconds. */
export const DETACHED_INPUT_GRACE_S = 60;
/** AttachPipeline from this number on: no signal is wanted any more. The largest that D-Bus's `u` holds. */
export const NO_SIGNAL = 2 ** 32 - 1;
/** Ids up to this are of detached pipelines, which the resident slave holds; a slave's own begin above. */
export const MAX_DETACHED_ID = 1_000_000;
/** The resident slave leaves when it has had nothing to hold for so many seconds. */
export const RESIDENT_IDLE_S = 60;
/** A timer counts no further, in milliseconds: Node's own limit. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Steps that the address of one domain may have. */
export const MAX_DOMAIN_PARTS = 8;
/** How long it may take to reach a domain until its slave is ready, in milliseconds. */
export const DOMAIN_CONNECT_TIMEOUT_MS = 10_000;
/** A connection to a domain that has been silent for so long is asked whether it lives, in milliseconds. */
export const KEEP_ALIVE_MS = 15_000;
/** So many questions in a row that nobody answers, and the connection is dead. */
export const KEEP_ALIVE_COUNT = 3;
/** How long the slave at the far end waits for whoever started it, which may be stopped (Ctrl-Z) overnight, in milliseconds. */
export const FAR_PATIENCE_MS = 43_200_000;
/** How long a slave may take to be sent to where there is only node, in milliseconds: at least 1 KB/s. */
export const SLAVE_SENT_MS = 600_000;
/** With nothing heard for so long over a connection that ssh shares, another is tried beside it, in milliseconds. */
export const SHARED_SILENT_MS = 4000;
/** A domain that no client has open any more closes after so many milliseconds. */
export const DOMAIN_IDLE_MS = 300_000;
/** Domains that one slave may have open at once: each is a process here. */
export const MAX_DOMAINS = 1024;
/** Hosts that are spoken to at once, unless told otherwise. */
export const FANOUT = 32;
/** Names that one text of folded names may stand for. */
export const MAX_HOSTS = 10_000;
/** Largest file of groups, or of ssh's configuration, that hosts are read from, in bytes. */
export const MAX_HOSTS_FILE_BYTES = 4 * MIB;
/** A bridge that nobody has been connected to for so many seconds ends. */
export const BRIDGE_IDLE_S = 3600;
/** Clients that one bridge may have at once: as many connections as a bus allows a user. Each is a process here and there. */
export const MAX_BRIDGE_CLIENTS = 256;
/** Files that the configuration of ssh may include one from the other, as OpenSSH has it. */
export const MAX_SSH_INCLUDES = 16;
/** Content of a file that one piece of a transfer has, in bytes. */
export const TRANSFER_CHUNK_BYTES = 192 * KIB;
/** What may be on its way from one side of a transfer to the other before it waits, in bytes: enough to fill a long link. */
export const TRANSFER_WINDOW_BYTES = 8 * MIB;
/** Longest path below a target that is taken from elsewhere, in bytes. */
export const MAX_TRANSFER_PATH_BYTES = 256 * KIB;
/** Failures of one transfer that are told one by one; the others are counted. */
export const MAX_TOLD_FAILURES = 1000;
