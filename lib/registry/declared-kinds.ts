/** What the capabilities of a server are about. */
export type PrimitiveKind = 'tools' | 'resources' | 'prompts' | 'completions';

export const PRIMITIVE_KINDS: readonly PrimitiveKind[] = ['tools', 'resources', 'prompts', 'completions'];

/** The kinds of primitives that clients are told of. They stay, though nothing of a kind may be left. */
export type DeclaredKinds = Set<PrimitiveKind>;
