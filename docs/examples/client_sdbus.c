/* A client of Hotwire in C, with sd-bus: cc client_sdbus.c -o client $(pkg-config --cflags --libs libsystemd)
 *
 *   client run PIPELINE       print its objects as they come: JSON, one a line
 *   client feed PIPELINE      the same, fed with the lines of standard input, which hold JSON
 *   client detach PIPELINE    start one that goes on without us; prints its number
 *   client attach ID [FROM]   follow such a one, from a signal number on
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define NAME "org.hotwireshell.Slave1"
#define PATH "/org/hotwireshell/Slave1"

enum { FAILED = 1, USAGE = 2, NO_SLAVE = 3, CANCELLED = 130 };

static sd_bus *bus;
static int pipeline;
static unsigned signals; /* how many of this pipeline came: where to attach again */
static int status = -1;  /* how this program ends, once that is known */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) { interrupted = number; }

/* Prints what an error says, e.g. org.hotwireshell.Error.Parse: where. */
static int failed(int result, const sd_bus_error *error) {
  fprintf(stderr, "%s\n", error && error->message ? error->message : strerror(-result));
  return FAILED;
}

static int on_signal(sd_bus_message *message, void *data, sd_bus_error *error) {
  const char *member = sd_bus_message_get_member(message), *text;
  int id;
  if (strncmp(member, "Pipeline", strlen("Pipeline")) != 0) return 0;
  if (sd_bus_message_read(message, "i", &id) < 0 || id != pipeline) return 0;
  signals++;
  if (strcmp(member, "PipelineObjects") == 0) {
    sd_bus_message_skip(message, "s"); /* the name of their class */
    sd_bus_message_enter_container(message, 'a', "s");
    while (sd_bus_message_read(message, "s", &text) > 0) puts(text);
  } else if (strcmp(member, "PipelineResult") == 0) {
    if (sd_bus_message_read(message, "ss", NULL, &text) > 0) puts(text);
  } else if (strcmp(member, "PipelineException") == 0) {
    if (sd_bus_message_read(message, "s", &text) > 0) fprintf(stderr, "%.*s\n", (int)strcspn(text, "\n"), text);
  } else if (strcmp(member, "PipelineStateChanged") == 0 && sd_bus_message_read(message, "s", &text) > 0) {
    if (strcmp(text, "complete") == 0) status = EXIT_SUCCESS;
    if (strcmp(text, "exception") == 0) status = FAILED;
    if (strcmp(text, "cancelled") == 0) status = CANCELLED;
  }
  fflush(stdout);
  return 0;
}

static int on_owner(sd_bus_message *message, void *data, sd_bus_error *error) {
  const char *owner;
  if (sd_bus_message_read(message, "sss", NULL, NULL, &owner) > 0 && *owner == '\0') {
    fprintf(stderr, "the slave has ended\n");
    status = NO_SLAVE;
  }
  return 0;
}

static bool reading; /* standard input, for what may be fed next */

/* The reply comes when the pipeline can take more. Until then nothing is read: that is the back-pressure. */
static int on_fed(sd_bus_message *reply, void *data, sd_bus_error *error) {
  const sd_bus_error *refused = sd_bus_message_get_error(reply);
  reading = refused == NULL;
  /* A pipeline may end before it has read all, as `head 1` does. How it ended, its state tells. */
  if (refused && !sd_bus_error_has_name(refused, "org.hotwireshell.Error.InvalidState")) {
    fprintf(stderr, "%s\n", refused->message);
    sd_bus_call_method_async(bus, NULL, NAME, PATH, NAME, "CancelPipeline", NULL, NULL, "i", pipeline);
    status = FAILED;
  }
  return 0;
}

static int feed_line(void) {
  static char *line;
  static size_t size;
  ssize_t length = getline(&line, &size, stdin);
  reading = false;
  if (length < 0) return sd_bus_call_method_async(bus, NULL, NAME, PATH, NAME, "CloseInput", NULL, NULL, "i", pipeline);
  if (line[length - 1] == '\n') line[length - 1] = '\0';
  sd_bus_message *call;
  int result = sd_bus_message_new_method_call(bus, &call, NAME, PATH, NAME, "PutObjects");
  if (result >= 0) result = sd_bus_message_append(call, "ias", pipeline, 1, line); /* several a call go faster */
  if (result >= 0) result = sd_bus_call_async(bus, NULL, call, on_fed, NULL, UINT64_MAX);
  sd_bus_message_unref(call);
  return result;
}

/* Its signals come after the reply that told its number, so none was missed. */
static int follow(bool feeding, bool is_ours) {
  sigset_t blocked, unblocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &unblocked); /* it comes while we wait, and only then */
  sigaction(SIGINT, &(struct sigaction){.sa_handler = on_interrupt}, NULL);
  setvbuf(stdin, NULL, _IONBF, 0); /* poll() must know of all that was not read */
  reading = feeding;
  while (status < 0) {
    int result = sd_bus_process(bus, NULL);
    if (result > 0) continue;
    if (result < 0) return failed(result, NULL);
    if (interrupted && !is_ours) {
      fprintf(stderr, "pipeline %d goes on; from here: attach %d %u\n", pipeline, pipeline, signals);
      return CANCELLED;
    }
    if (interrupted) /* the state "cancelled" follows when its last process is gone */
      sd_bus_call_method_async(bus, NULL, NAME, PATH, NAME, "CancelPipeline", NULL, NULL, "i", pipeline);
    interrupted = 0;
    sd_bus_flush(bus);
    struct pollfd files[] = {{sd_bus_get_fd(bus), sd_bus_get_events(bus), 0}, {STDIN_FILENO, POLLIN, 0}};
    result = ppoll(files, reading ? 2 : 1, NULL, &unblocked);
    if (result < 0 && errno != EINTR) return failed(-errno, NULL);
    if (reading && files[1].revents && (result = feed_line()) < 0) return failed(result, NULL);
  }
  return status;
}

/* Starts a pipeline, with one option that is true or with none. */
static int start(const char *text, const char *option) {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message *reply = NULL;
  int result =
      option ? sd_bus_call_method(bus, NAME, PATH, NAME, "RunPipelineWithOptions", &error, &reply, "sa{sv}", text, 1,
                                  option, "b", true)
             : sd_bus_call_method(bus, NAME, PATH, NAME, "RunPipeline", &error, &reply, "s", text);
  if (result >= 0) result = sd_bus_message_read(reply, "i", &pipeline);
  if (result < 0) exit(failed(result, &error));
  sd_bus_message_unref(reply);
  return pipeline;
}

int main(int count, char **words) {
  if (count < 3) return fprintf(stderr, "usage: %s run|feed|detach PIPELINE, or attach ID [FROM]\n", words[0]), USAGE;
  sd_bus_error error = SD_BUS_ERROR_NULL;
  int result = sd_bus_open_user(&bus);
  if (result >= 0) result = sd_bus_match_signal(bus, NULL, NAME, PATH, NAME, NULL, on_signal, NULL);
  if (result >= 0)
    result = sd_bus_add_match(
        bus, NULL, "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" NAME "'", on_owner, NULL);
  if (result < 0) return failed(result, &error);

  const char *verb = words[1], *argument = words[2];
  if (strcmp(verb, "run") == 0) {
    start(argument, NULL);
    status = follow(false, true);
  } else if (strcmp(verb, "feed") == 0) {
    start(argument, "input");
    status = follow(true, true);
  } else if (strcmp(verb, "detach") == 0) {
    printf("%d\n", start(argument, "detached"));
    status = EXIT_SUCCESS;
  } else if (strcmp(verb, "attach") == 0) {
    pipeline = atoi(argument);
    signals = count > 3 ? strtoul(words[3], NULL, 10) : 0;
    result = sd_bus_call_method(bus, NAME, PATH, NAME, "AttachPipeline", &error, NULL, "iu", pipeline, signals);
    status = result < 0 ? failed(result, &error) : follow(false, false);
  } else {
    status = USAGE;
  }
  sd_bus_flush_close_unref(bus);
  return status;
}
