/* A bare sender in C with sd-bus, for scale: ADDRESS NAME FILE-OF-JSON-TEXTS, as dbus-next-sender.mjs beside it.
 * It owns NAME and answers Run(u objects) with that many texts, 500 a signal `isas`, to the caller alone, then Done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

enum { BATCH = 500 };
#define INTERFACE "org.hotwireshell.Bench"

static char **texts;
static size_t count;

static void must(int result, const char *what) {
        if (result >= 0) return;
        fprintf(stderr, "%s: %s\n", what, strerror(-result));
        exit(1);
}

static void read_texts(const char *name) {
        FILE *file = fopen(name, "r");
        char *line = NULL;
        size_t size = 0, room = 0;
        ssize_t length;

        if (!file) {
                perror(name);
                exit(1);
        }
        while ((length = getline(&line, &size, file)) > 0) {
                if (line[length - 1] == '\n') line[length - 1] = '\0';
                if (count == room) {
                        room = room ? 2 * room : 1024;
                        texts = realloc(texts, room * sizeof *texts);
                        if (!texts) exit(1);
                }
                texts[count++] = strdup(line);
        }
        free(line);
        fclose(file);
        count -= count % BATCH;
        if (count == 0) {
                fprintf(stderr, "%s: fewer than %d texts\n", name, BATCH);
                exit(1);
        }
}

static int run(sd_bus_message *call, void *data, sd_bus_error *error) {
        sd_bus *bus = sd_bus_message_get_bus(call);
        const char *caller = sd_bus_message_get_sender(call);
        sd_bus_message *signal;
        unsigned objects;

        (void)data;
        (void)error;
        must(sd_bus_message_read(call, "u", &objects), "Run");
        must(sd_bus_reply_method_return(call, ""), "reply");
        for (size_t sent = 0; sent < objects; sent += BATCH) {
                uint64_t queued;
                must(sd_bus_message_new_signal(bus, &signal, "/", INTERFACE, "Objects"), "signal");
                must(sd_bus_message_set_destination(signal, caller), "destination");
                must(sd_bus_message_append(signal, "is", 1, "string"), "append");
                must(sd_bus_message_open_container(signal, 'a', "s"), "open");
                for (size_t i = 0; i < BATCH; i++)
                        must(sd_bus_message_append_basic(signal, 's', texts[(sent + i) % count]), "append");
                must(sd_bus_message_close_container(signal), "close");
                must(sd_bus_send(bus, signal, NULL), "send");
                sd_bus_message_unref(signal);
                must(sd_bus_get_n_queued_write(bus, &queued), "queue");
                if (queued > 0) must(sd_bus_flush(bus), "drain");
        }
        must(sd_bus_message_new_signal(bus, &signal, "/", INTERFACE, "Done"), "signal");
        must(sd_bus_message_set_destination(signal, caller), "destination");
        must(sd_bus_send(bus, signal, NULL), "send");
        sd_bus_message_unref(signal);
        return 1;
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Run", "u", "", run, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

int main(int argc, char **argv) {
        sd_bus *bus;

        if (argc != 4) {
                fprintf(stderr, "usage: %s ADDRESS NAME FILE\n", argv[0]);
                return 2;
        }
        read_texts(argv[3]);
        must(sd_bus_new(&bus), "bus");
        must(sd_bus_set_address(bus, argv[1]), "address");
        must(sd_bus_set_bus_client(bus, 1), "bus client");
        must(sd_bus_start(bus), "connect");
        must(sd_bus_add_object_vtable(bus, NULL, "/", INTERFACE, vtable, NULL), "object");
        must(sd_bus_request_name(bus, argv[2], 0), "name");
        puts("ready");
        fflush(stdout);
        for (;;) {
                int done = sd_bus_process(bus, NULL);
                must(done, "process");
                if (done == 0) must(sd_bus_wait(bus, UINT64_MAX), "wait");
        }
}
