/** Calls of Slave1 on one object of one peer, typed by the contract. */
import {
  INTERFACE,
  METHODS,
  type MethodArguments,
  type MethodName,
  type MethodResults,
  OBJECT_PATH,
  signatureOf,
} from '../contract';
import { checkReply } from '../domains/open';
import type { HotwireError } from '../errors';
import { type Connection, MessageFlag, MessageType } from '../wire';
import type { Description } from './api';

export interface CallOptions {
  /** Milliseconds; CALL_TIMEOUT_MS by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export class SlaveProxy {
  readonly #connection: Connection;
  readonly #destination: string;

  readonly #path: string;
  #waiting = 0;
  /** Why nothing can be called any more. */
  ended: HotwireError | undefined;

  /**
   * @param destination unique name of the slave, so that nobody who takes over its name is called by mistake
   * @param path of the domain's object there
   */
  constructor(connection: Connection, destination: string, path = OBJECT_PATH) {
    this.#connection = connection;
    this.#destination = destination;
    this.#path = path;
  }

  /** Whether a call awaits its answer. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /**
   * @throws the error that the slave answers, TimedOut, Disconnected when the connection ends first,
   * Domain.VersionMismatch when the answer is none of this method
   */
  async call<M extends MethodName>(
    member: M,
    values: MethodArguments<M>,
    options: CallOptions = {},
  ): Promise<MethodResults<M>> {
    if (this.ended !== undefined) throw this.ended;
    this.#waiting += 1;
    try {
      const reply = await this.#connection.call(this.#message(member, values), options);
      checkReply(member, reply.signature, signatureOf(METHODS[member].out));
      return reply.body as MethodResults<M>;
    } finally {
      this.#waiting -= 1;
    }
  }

  async describe(text: string): Promise<Description> {
    const [description] = await this.call('DescribePipeline', [text]);
    const value = <T>(name: string) => description[name]?.value as T;
    return {
      inputType: value('input-type'),
      inputOptional: value('input-optional'),
      outputType: value('output-type'),
      singleValue: value('single-value'),
      idempotent: value('idempotent'),
      undoable: value('undoable'),
      commands: value('commands'),
    };
  }

  /** Calls without asking for a reply. */
  notify<M extends MethodName>(member: M, values: MethodArguments<M>): void {
    if (this.#connection.closed || this.ended !== undefined) return;
    this.#connection.send({ ...this.#message(member, values), flags: MessageFlag.NO_REPLY_EXPECTED });
  }

  #message<M extends MethodName>(member: M, values: MethodArguments<M>) {
    return {
      type: MessageType.METHOD_CALL,
      destination: this.#destination,
      path: this.#path,
      interface: INTERFACE,
      member,
      signature: signatureOf(METHODS[member].in),
      body: values,
    };
  }
}
