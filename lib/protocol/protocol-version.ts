/** Revisions that open with `initialize`, newest first. */
export const LEGACY_PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

/** Revisions whose requests carry version and capabilities themselves, newest first. */
export const MODERN_PROTOCOL_VERSIONS = ['2026-07-28'] as const;

/**
 * Every revision this library speaks, newest first.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 * @publicApi
 */
export const PROTOCOL_VERSIONS = [...MODERN_PROTOCOL_VERSIONS, ...LEGACY_PROTOCOL_VERSIONS] as const;

/**
 * A dated revision of the specification.
 *
 * @publicApi
 */
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

/** Version of a legacy request without `MCP-Protocol-Version`, by the rule of the revisions that have the header. */
export const ASSUMED_PROTOCOL_VERSION: ProtocolVersion = '2025-03-26';

export function isModern(version: string): boolean {
  return (MODERN_PROTOCOL_VERSIONS as readonly string[]).includes(version);
}

/** The version to answer `initialize` with: the requested one if it is served, else the newest legacy one served. */
export function negotiate(
  requested: string,
  supported: readonly ProtocolVersion[],
): ProtocolVersion | undefined {
  const legacy = supported.filter((version) => !isModern(version));
  return legacy.find((version) => version === requested) ?? legacy[0];
}
