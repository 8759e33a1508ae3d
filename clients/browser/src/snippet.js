/**
 * For the page's head, before every other script: keeps what crashes until the client is there, which takes it over.
 * Plain text, so that a server can put it inline (its hash belongs into the page's CSP).
 */
export const snippet =
  'window.__selfheal=[];["error","unhandledrejection"].forEach(function(n){addEventListener(n,function(e){window.__selfheal&&window.__selfheal.push(e)})});';
