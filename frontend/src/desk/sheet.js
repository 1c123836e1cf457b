// The sheet of a thing (`…`): a dialog beside the case, so that what others do meanwhile leaves what is typed in it alone.

export function sheet () {
  const dialog = document.getElementById('sheet')
  if (!dialog) return
  let opener = ''
  // The dialog gives the focus back by itself, but not to a link that was swapped for a new one meanwhile.
  const shut = () => {
    dialog.close()
    document.getElementById(opener)?.focus()
  }
  document.addEventListener('htmx:afterSwap', (event) => {
    if (event.target.id !== 'sheet-body') return
    if (!dialog.open) dialog.showModal()
    const first = dialog.querySelector('details[open] input:not([type=hidden]), #past-q') ?? document.getElementById('sheet-title')
    first.focus()
  })
  // Closed before the case is swapped: the focus is back on what opened it, and stays there.
  document.addEventListener('caseloom:done', (event) => {
    const form = event.detail.form && document.getElementById(event.detail.form)
    if (!form || !dialog.contains(form)) return
    if (event.detail.way) dialog.querySelector(`#answer-${CSS.escape(event.detail.form)}`)?.replaceChildren()
    else shut()
  })
  dialog.addEventListener('close', () => {
    document.getElementById('sheet-body').replaceChildren()
    if (document.activeElement === document.body) document.getElementById(opener)?.focus()
  })
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]')
    if (event.target === dialog) shut()
    if (button?.dataset.act === 'close' && dialog.contains(button)) {
      event.preventDefault()
      shut()
    }
    if (button?.dataset.act === 'another') another(button)
  })
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.target?.id !== 'sheet-body' || dialog.contains(event.target)) return
    opener = event.target.id
    // A menu that led here has done its part.
    const menu = event.target.closest('details.menu')
    if (!menu) return
    menu.open = false
    opener = menu.querySelector('summary').id || opener
    menu.querySelector('summary').focus()
  })
}

// One row more in a list of steps or values.
function another (button) {
  const rows = button.closest('[data-rows]').querySelectorAll('[data-row]')
  const last = rows[rows.length - 1]
  const row = last.cloneNode(true)
  for (const field of row.querySelectorAll('input')) {
    const id = field.id.replace(/\d+$/, rows.length + 1)
    const label = row.querySelector(`label[for="${CSS.escape(field.id)}"]`)
    label.htmlFor = id
    label.textContent = label.textContent.replace(/\d+$/, rows.length + 1)
    field.id = id
    field.value = ''
    field.required = false
  }
  last.after(row)
  row.querySelector('input').focus()
}
