/** Target of a request, as servers of Node give it; Express strips the mount path of a router from `url`. */
interface Targeted {
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
}

const PLAIN = /^\/[\w/.~%-]*$/;
const SCHEME_AND_HOST = /^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*/i;

/** The path that was asked for, in whatever form: Express finds the same route for `http://host/mcp` and `/mcp#a`. */
export function requestPath({ originalUrl, url }: Targeted): string {
  const target = originalUrl ?? url ?? '';
  if (PLAIN.test(target)) return target;
  const [path = ''] = target.replace(SCHEME_AND_HOST, '').split(/[?#]/, 1);
  return path.replaceAll('\\', '/').trim();
}
