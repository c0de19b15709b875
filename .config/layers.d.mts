export interface Layer {
  readonly areas: readonly string[];
  readonly packages: readonly string[];
  readonly lazyPackages?: readonly string[];
}

export declare const layers: Readonly<Record<string, Layer>>;

export declare function areaOf(file: string): string | undefined;

export declare function judgeImport(
  from: string,
  to:
    { readonly file: string; readonly package?: never } | { readonly package: string; readonly file?: never },
  lazy?: boolean,
): string | undefined;
