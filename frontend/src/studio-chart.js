// Charts on the pages of the studio that show any.

import { draw } from './charts.js'

draw(document)
