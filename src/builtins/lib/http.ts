import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { HotwireError } from '../../errors';
import { HTTP_MAX_BYTES, HTTP_MAX_REDIRECTS } from '../../limits';
import { VERSION } from '../../version';

export interface HttpAnswer {
  readonly url: URL;
  readonly redirects: readonly string[];
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

/** Statuses that name another place in the header Location (RFC 9110, 15.4). */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Gets what is at a URL, or where it leads. Each request has a connection of its own, which goes with it.
 * @throws Failed, naming the host or the URL at fault; LimitExceeded for too many redirects or bytes; what `signal` says
 */
export async function fetchUrl(first: URL, signal: AbortSignal): Promise<HttpAnswer> {
  const redirects: string[] = [];
  for (let url = first; ; ) {
    const message = await request(url, signal);
    const location = REDIRECTS.has(message.statusCode ?? 0) ? message.headers.location : undefined;
    // an empty one leads nowhere
    if (!location) return { url, redirects, message, body: await readBody(message, url, signal) };
    message.destroy();
    redirects.push(url.href);
    if (redirects.length > HTTP_MAX_REDIRECTS) {
      throw new HotwireError('LimitExceeded', `http-get: ${first.href}: more than ${HTTP_MAX_REDIRECTS} redirects`);
    }
    url = target(location, url);
  }
}

/** @throws InvalidArgs for what is no address of a web page */
export function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new HotwireError('InvalidArgs', `http-get: ${text} is no URL of the web: write https://HOST/PATH`);
  }
  if (url.username !== '' || url.password !== '') {
    const message = `http-get: ${url.host}: take the name and password out of the URL: others would see them; sys curl has options for them`;
    throw new HotwireError('InvalidArgs', message);
  }
  return url;
}

/** What was asked for under https is not fetched in the clear because a server says so. */
function target(location: string, from: URL): URL {
  let url: URL;
  try {
    url = readUrl(location, from);
  } catch (error) {
    const message = `http-get: ${from.href} leads to what is no URL of the web: ${location}`;
    throw new HotwireError('Failed', message, { cause: error });
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    const message = `http-get: ${from.href} leads from https to ${url.href}: ask for that if it is what you want`;
    throw new HotwireError('Failed', message);
  }
  return url;
}

function request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { get } = url.protocol === 'https:' ? https : http;
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': `hotwire/${VERSION}` };
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(signal.aborted ? signal.reason : unreachable(url, error));
    try {
      const asked = get(url, { agent: false, headers, signal }, resolve);
      asked.maxHeadersCount = 0; // any number: they are bounded by their size, and none is dropped silently
      asked.on('error', failed);
      asked.on('upgrade', ({ statusCode }, socket) => {
        socket.destroy();
        failed(
          new Error(`it answers with ${statusCode} (another protocol), which nobody asked for: sys curl may know it`),
        );
      });
    } catch (error) {
      failed(error as Error);
    }
  });
}

async function readBody(message: IncomingMessage, url: URL, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > HTTP_MAX_BYTES) {
        const words = `http-get: ${url.href} is larger than ${HTTP_MAX_BYTES} bytes: sys curl -O loads it into a file`;
        throw new HotwireError('LimitExceeded', words);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof HotwireError ? error : unreachable(url, error as Error);
  }
  return Buffer.concat(chunks);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no host has that name',
  EAI_AGAIN: 'its name can not be looked up now: is there a network?',
  ECONNREFUSED: 'nothing answers there (connection refused)',
  ECONNRESET: 'it broke off the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it: is there a network?',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself alone: NODE_EXTRA_CA_CERTS may name a file to trust',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of no known authority: NODE_EXTRA_CA_CERTS may name a file to trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is of no known authority: NODE_EXTRA_CA_CERTS may name a file to trust',
};

function unreachable(url: URL, error: NodeJS.ErrnoException): HotwireError {
  const reason = REASONS[error.code ?? ''] ?? (error.message || error.code);
  return new HotwireError('Failed', `http-get: ${url.host}: ${reason}`, { cause: error });
}
