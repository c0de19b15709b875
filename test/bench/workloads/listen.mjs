import { request } from 'node:http';
import { legacyHeaders, without } from './messages.mjs';

/** Opens the stream of a session; resolves when the server has begun it. */
export function listen(url, headers) {
  const others = without(headers, 'content-type');
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      headers: { ...others, accept: legacyHeaders('text/event-stream').accept },
      agent: false,
    });
    sent.once('response', (response) => {
      response.resume();
      response.on('error', () => {});
      sent.off('error', reject).on('error', () => {});
      if (response.statusCode === 200) resolve(sent);
      else reject(new Error(`the stream: ${response.statusCode}`));
    });
    sent.once('error', reject);
    sent.end();
  });
}
