interface Service {
  fetch(request: Request): Promise<Response>;
}

/** Passes `/<binding>/…` on to the worker of that binding. */
export default {
  fetch(request: Request, workers: Readonly<Record<string, Service>>): Promise<Response> {
    const url = new URL(request.url);
    const [, name = '', ...rest] = url.pathname.split('/');
    url.pathname = `/${rest.join('/')}`;
    return (workers[name] as Service).fetch(new Request(url, request));
  },
};
