export { Catalog as McpRegistry } from './catalog.js';
