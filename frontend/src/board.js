// The board: the charts on top of what every page needs.

import { draw } from './charts.js'
import { start } from './page.js'

start()
draw(document)
document.addEventListener('htmx:load', (event) => draw(event.detail.elt))
