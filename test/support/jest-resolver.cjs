/** Sources import './x.js' as Node does; under jest the file on disk is './x.ts'. */
module.exports = (request, options) => {
  if (/^\.{1,2}\//.test(request) && request.endsWith('.js') && !options.basedir.includes('/node_modules/')) {
    try {
      return options.defaultResolver(request.slice(0, -3) + '.ts', options);
    } catch {
      return options.defaultResolver(request, options);
    }
  }
  return options.defaultResolver(request, options);
};
