export { JwtTokenVerifier } from './jwt-token-verifier.js';
export type { JwtTokenVerifierOptions } from './jwt-token-verifier-options.interface.js';
