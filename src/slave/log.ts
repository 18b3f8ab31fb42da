import pino, { type Logger } from 'pino';

export type { Logger };

/** Structured logs on stderr, a JSON text a line; stdout may carry D-Bus. Texts of pipelines appear at `debug` only. */
export function createLog(level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  // When nobody reads the log any more (the client was killed), the slave still has pipelines to end.
  destination.on('error', () => undefined);
  return pino({ name: 'hotwire-slave', level }, destination);
}
