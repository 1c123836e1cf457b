// Charts. One is `<div data-chart="ID">`, its options are the JSON in `<script type="application/json" id="ID">`; the
// table behind it stays in the page for those who do not see charts.

import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

export function draw (root) {
  for (const place of root.querySelectorAll('[data-chart]')) {
    const options = JSON.parse(document.getElementById(place.dataset.chart).textContent)
    const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: 'svg' })
    chart.setOption({ animation: false, aria: { enabled: true }, ...options }, true)
    new ResizeObserver(() => chart.resize()).observe(place)
  }
}
