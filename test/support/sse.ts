export { SseReader, type SseEvent } from '../../lib/testing/client/sse-reader.js';
