// The drawing of a flow: its viewer comes with the first one that is opened.

export function drawing () {
  document.addEventListener('toggle', (event) => {
    if (event.target.open && event.target.matches?.('details.flow-drawing')) draw(event.target)
  }, true)
}

async function draw (details) {
  const place = details.querySelector('.canvas')
  if (place.dataset.shown) return
  place.dataset.shown = 'yes'
  const { drawing, script, style, marks } = details.dataset
  const [answer] = await Promise.all([fetch(drawing), load('script', script), load('link', style)])
  if (answer.ok) await window.caseloom_drawing(place, await answer.text(), marks.split(' ').filter(Boolean))
}

const loaded = new Map()

function load (kind, address) {
  if (!loaded.has(address)) {
    loaded.set(address, new Promise((resolve, reject) => {
      const element = document.createElement(kind)
      if (kind === 'link') element.rel = 'stylesheet'
      element[kind === 'link' ? 'href' : 'src'] = address
      element.addEventListener('load', resolve)
      element.addEventListener('error', reject)
      document.head.append(element)
    }))
  }
  return loaded.get(address)
}
