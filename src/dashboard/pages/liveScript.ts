/**
 * Refreshes the page content without a reload, so that scroll position and focus stay. It waits while the person has an
 * open detail, selected text, or the focus in a form. Without scripts the page reloads itself (see layout).
 */
export const LIVE_SCRIPT = `
(() => {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  if (location.search.startsWith("?answered=")) history.replaceState(null, "", location.pathname);
  const busy = () =>
    document.hidden ||
    live.querySelector("details[open]") !== null ||
    (live !== document.activeElement && live.contains(document.activeElement)) ||
    [...live.querySelectorAll("textarea")].some((field) => field.value !== "") ||
    String(getSelection()) !== "";
  const refresh = async () => {
    if (busy()) return;
    const reply = await fetch(location.pathname, { headers: { accept: "text/html" } }).catch(() => null);
    if (!reply) return;
    if (reply.redirected) return location.reload();
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-live]");
    if (fresh && !busy()) live.replaceChildren(...fresh.childNodes);
  };
  setInterval(refresh, 4000);
})();
`;
