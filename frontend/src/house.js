// What the house does on every page: the set of colours, the zone of the browser, without a script in the page itself.

const year = 'path=/; max-age=31536000; samesite=lax'

export function house () {
  document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; ${year}`
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-act=theme]')) turn()
  })
}

function turn () {
  const root = document.documentElement
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = dark ? 'light' : 'dark'
  document.cookie = `theme=${root.dataset.theme}; ${year}`
}
