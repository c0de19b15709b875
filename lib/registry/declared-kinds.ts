/** Kinds of primitives, by their names in the capabilities of a server. */
export type PrimitiveKind = 'tools' | 'resources' | 'prompts' | 'completions';

export const PRIMITIVE_KINDS: readonly PrimitiveKind[] = ['tools', 'resources', 'prompts', 'completions'];

/** The kinds of primitives that clients are told of. They stay, though nothing of a kind may be left. */
export type DeclaredKinds = Set<PrimitiveKind>;
