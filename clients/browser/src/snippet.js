/**
 * A script for the page's head, before every other script. It collects errors until the client starts, which then
 * reports them. It is a string, so that a server can write it inline; its hash must be in the page's CSP.
 */
export const snippet =
  'window.__selfheal=[];["error","unhandledrejection"].forEach(function(n){addEventListener(n,function(e){window.__selfheal&&window.__selfheal.push(e)})});';
