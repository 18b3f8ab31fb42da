// A client of Slave1 that knows nothing of the client library: messages in, messages out.
import { BUS_NAME, INTERFACE, METHODS, type MethodName, OBJECT_PATH, signatureOf } from '../../src/contract';
import { Connection, type IncomingMessage, openAddress } from '../../src/wire';
import type { Bus } from './bus';
import { onCleanup } from './cleanup';
import { within } from './wait';

export class RawClient {
  readonly connection: Connection;
  /** Every signal of Slave1 that came, in order. */
  readonly signals: { member: string; body: readonly unknown[]; message: IncomingMessage }[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(connection: Connection) {
    this.connection = connection;
    connection.on('signal', (message) => {
      if (message.interface !== INTERFACE) return;
      this.signals.push({ member: message.member ?? '', body: message.body, message });
      for (const wake of this.#waiting) wake();
    });
  }

  static async connect(bus: Pick<Bus, 'address'>): Promise<RawClient> {
    const connection = await Connection.connect(await openAddress(bus.address));
    onCleanup(() => connection.close());
    return new RawClient(connection);
  }

  /** Calls a method of Slave1. @throws the error that comes back */
  async call<M extends MethodName>(member: M, ...body: unknown[]): Promise<readonly unknown[]> {
    return this.send(member, signatureOf(METHODS[member].in), body);
  }

  /** Calls with any member, signature and body, also wrong ones. */
  async send(
    member: string,
    signature: string,
    body: unknown[],
    more: object = {},
    timeoutMs = 60_000,
  ): Promise<readonly unknown[]> {
    const message = {
      destination: BUS_NAME,
      path: OBJECT_PATH,
      interface: INTERFACE,
      member,
      signature,
      body,
      ...more,
    };
    const reply = await this.connection.call(message, { timeoutMs });
    return reply.body;
  }

  /** Starts a pipeline. @returns its id */
  async run(text: string): Promise<number> {
    const [id] = await this.call('RunPipeline', text);
    return id as number;
  }

  /** Waits until a signal matches, one that has come included. */
  async until(what: string, matches: (signal: { member: string; body: readonly unknown[] }) => boolean): Promise<void> {
    await within(
      new Promise<void>((resolve) => {
        const look = () => {
          if (!this.signals.some(matches)) return;
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
        look();
      }),
      what,
    );
  }

  async untilState(id: number, ...states: string[]): Promise<void> {
    await this.until(`pipeline ${id} to be ${states.join(' or ')}`, ({ member, body }) => {
      return member === 'PipelineStateChanged' && body[0] === id && states.includes(body[1] as string);
    });
  }

  /** The signals of one pipeline. */
  of(id: number): { member: string; body: readonly unknown[] }[] {
    return this.signals.filter(({ member, body }) => member.startsWith('Pipeline') && body[0] === id);
  }

  /** All objects of one pipeline, parsed. */
  objects(id: number): unknown[] {
    return this.of(id)
      .filter(({ member }) => member === 'PipelineObjects')
      .flatMap(({ body }) => (body[2] as string[]).map((text) => JSON.parse(text) as unknown));
  }
}
