import { isUtf8 } from 'node:buffer';
import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { HTTP_MAX_BYTES, HTTP_MAX_REDIRECTS, HTTP_TIMEOUT_MS } from '../limits';
import { fetchUrl, type HttpAnswer, readUrl } from './lib/http';

const RESPONSE = 'hotwire.builtins.http_get.HttpResponse';

export const httpGet: Builtin = {
  name: 'http-get',
  summary: 'What a web server has at a URL',
  help:
    'A URL with https or http, or a host and a path, which mean https. Any status is an answer, 404 too: see its status. The body is a ' +
    `text where it is one, else base64. It follows up to ${HTTP_MAX_REDIRECTS} redirects, but none from https to http, and gives up ` +
    `after ${HTTP_TIMEOUT_MS / 1000} s or ${HTTP_MAX_BYTES} bytes. No proxy is used. For more there is sys curl.`,
  options: [{ name: 'fail', short: 'f', summary: 'A status of 400 or more is a failure' }],
  arguments: [
    { name: 'URL or host', kind: 'string' },
    { name: 'path', kind: 'string', optional: true },
  ],
  input: null,
  output: RESPONSE,
  singleValue: true,
  idempotent: true,
  // Examples run on any machine, and many have no network.
  examples: [
    { text: 'help http-get | prop output', shows: 'the class of what it yields', result: [RESPONSE] },
    { text: `schema ${RESPONSE}`, shows: 'what is known of an answer' },
  ],
  async *run({ args: [where = '', path], options, signal, status }) {
    const url = urlOf(where, path);
    status(`waiting for ${url.host}`, -1);
    const started = performance.now();
    const late = AbortSignal.timeout(HTTP_TIMEOUT_MS);
    const answer = await fetchUrl(url, AbortSignal.any([signal, late])).catch((error) => {
      if (signal.aborted || !late.aborted) throw error;
      throw new HotwireError('TimedOut', `http-get: ${url.host}: no whole answer within ${HTTP_TIMEOUT_MS / 1000} s`);
    });
    const { statusCode = 0, statusMessage = '' } = answer.message;
    if (options.has('fail') && statusCode >= 400) {
      throw new HotwireError('Failed', `http-get: ${answer.url.href}: ${statusCode} ${statusMessage}`);
    }
    yield { className: RESPONSE, objects: [toObject(answer, (performance.now() - started) / 1000)] };
  },
};

function urlOf(where: string, path: string | undefined): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(where);
  const base = readUrl(hasScheme ? where : `https://${where}`);
  return path === undefined ? base : readUrl(path, base);
}

function toObject({ url, redirects, message, body }: HttpAnswer, duration: number): unknown {
  const type = message.headers['content-type'] ?? null;
  const text = textOf(body, type);
  return {
    url: url.href,
    status: message.statusCode,
    reason: message.statusMessage,
    content_type: type,
    size: body.length,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    redirects,
    duration,
    body: text,
    body_bytes: text === null ? body.toString('base64') : null,
  };
}

/** The content in the encoding that it is said to have, else UTF-8; null when it is not a text in that. */
function textOf(body: Buffer, contentType: string | null): string | null {
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined && !isUtf8(body)) return null;
  if (body.includes(0) && !/^utf-?16/i.test(charset ?? '')) return null;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return null; // another encoding than it says, or one that nobody knows
  }
}
