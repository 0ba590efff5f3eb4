interface Window {
  /** What the portal answered, taken out of the address bar before anything else ran. */
  signInAnswer?: URLSearchParams
}
