// Back may bring a page out of the browser's memory as it was left. It is put away blank, and asked for again when it comes back, so that
// it shows nothing of somebody who has signed out since.
addEventListener('pagehide', ({ persisted }) => {
  if (persisted) document.documentElement.hidden = true
})
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})
