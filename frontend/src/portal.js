// The portal: htmx, live updates, Alpine.

import { start } from './page.js'
import 'htmx-ext-sse'

start()
