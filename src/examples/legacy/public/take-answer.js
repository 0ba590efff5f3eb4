// A classic script, first in the head: it runs before anything is drawn, loaded or asked for. What came back in the fragment goes
// into memory and out of the address bar and the history (RFC 6749 section 10.16).
if (location.hash.length > 1) {
  window.signInAnswer = new URLSearchParams(location.hash.slice(1))
  history.replaceState(null, '', location.pathname + location.search)
}
