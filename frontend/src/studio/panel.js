// The panel beside a flow: the properties that mean something here, and steps added, changed and removed by keyboard.

import { getBusinessObject as object, is } from 'bpmn-js/lib/util/ModelUtil'

const TASKS = ['UserTask', 'ServiceTask', 'ScriptTask', 'BusinessRuleTask', 'SendTask', 'ReceiveTask', 'CallActivity', 'ManualTask']
const APPENDED = ['UserTask', 'ServiceTask', 'ScriptTask', 'BusinessRuleTask', 'ExclusiveGateway', 'ParallelGateway', 'IntermediateCatchEvent', 'EndEvent']
const TIMERS = { timeDate: 'timerDate', timeDuration: 'timerDuration', timeCycle: 'timerCycle' }
const TYPES = ['string', 'long', 'boolean', 'date', 'enum']

export function panel (modeler, told) {
  const words = document.getElementById('panel-words').dataset
  const steps = document.getElementById('steps')
  const place = document.getElementById('panel')
  const modeling = modeler.get('modeling')
  const factory = modeler.get('bpmnFactory')
  const elements = modeler.get('elementRegistry')
  let open = null
  let wrong = []

  steps.addEventListener('change', () => modeler.get('selection').select(elements.get(steps.value)))

  function root () {
    return modeler.get('canvas').getRootElement()
  }

  function list () {
    const drawn = elements.filter((element) => object(element)?.$type && element.type !== 'label' && !is(element, 'bpmn:Process') && !is(element, 'bpmn:Collaboration'))
    steps.replaceChildren(option(root().id, words.process), ...drawn.map((element) => option(element.id, title(element))))
    steps.value = open?.id ?? root().id
    if (open === null || !elements.get(open.id)) build(root())
  }

  function title (element) {
    const named = object(element).name || object(element).sourceRef?.name
    return `${spaced(element.type)}: ${named || element.id}`
  }

  function show (element) {
    build(element ?? root())
    steps.value = open.id
  }

  function build (element) {
    open = element
    const of = object(element)
    const made = []
    for (const fault of wrong.filter((one) => one.at === element.id)) made.push(said(fault.message, 'fault'))
    made.push(text('name', words.name, of.name ?? '', (value) => modeling.updateProperties(element, { name: value || undefined })))
    if (is(element, 'bpmn:Process')) made.push(check('executable', words.executable, of.isExecutable === true, (on) => set(of, { isExecutable: on })))
    if (is(element, 'bpmn:UserTask')) made.push(...person(element, of))
    if (is(element, 'bpmn:UserTask') || is(element, 'bpmn:StartEvent')) made.push(form(element, of))
    if (is(element, 'bpmn:ServiceTask') || is(element, 'bpmn:SendTask')) made.push(topic(element, of))
    if (is(element, 'bpmn:ScriptTask')) made.push(...script(element, of))
    if (is(element, 'bpmn:BusinessRuleTask')) made.push(...decision(element, of))
    if (is(element, 'bpmn:CallActivity')) made.push(text('called', words.called, of.calledElement ?? '', (value) => set(of, { calledElement: value || undefined })))
    if (is(element, 'bpmn:SequenceFlow')) made.push(...condition(element, of))
    for (const definition of of.eventDefinitions ?? []) made.push(...event(of, definition))
    if (is(element, 'bpmn:ReceiveTask') || is(element, 'bpmn:SendTask')) made.push(named(of, 'messageRef', 'bpmn:Message', words.message))
    if (is(element, 'bpmn:FlowNode')) made.push(...acts(element))
    place.replaceChildren(...made)
  }

  // One change on the stack of commands: it can be undone like what is drawn.
  function set (of, properties) {
    modeling.updateModdleProperties(open, of, properties)
  }

  function person (element, of) {
    return [
      text('assignee', words.assignee, of.get('camunda:assignee') ?? '', (value) => set(of, { 'camunda:assignee': value || undefined })),
      text('groups', words.groups, of.get('camunda:candidateGroups') ?? '', (value) => set(of, { 'camunda:candidateGroups': value || undefined }), told.groups),
      text('due', words.due, of.get('camunda:dueDate') ?? '', (value) => set(of, { 'camunda:dueDate': value || undefined }))
    ]
  }

  function topic (element, of) {
    return text('topic', words.topic, of.get('camunda:topic') ?? '', (value) =>
      set(of, value ? { 'camunda:type': 'external', 'camunda:topic': value } : { 'camunda:type': undefined, 'camunda:topic': undefined }))
  }

  function script (element, of) {
    return [
      text('script', words.script, of.script ?? '', (value) => set(of, { script: value || undefined, scriptFormat: value ? 'feel' : undefined })),
      text('result', words.result, of.get('camunda:resultVariable') ?? '', (value) => set(of, { 'camunda:resultVariable': value || undefined }))
    ]
  }

  function decision (element, of) {
    return [
      text('decision', words.decision, of.get('camunda:decisionRef') ?? '', (value) => set(of, { 'camunda:decisionRef': value || undefined, 'camunda:mapDecisionResult': value ? 'singleEntry' : undefined }),
        told.decisions.map((one) => one.split(': ').pop())),
      text('result', words.result, of.get('camunda:resultVariable') ?? '', (value) => set(of, { 'camunda:resultVariable': value || undefined }))
    ]
  }

  function condition (element, of) {
    const source = element.source && object(element.source)
    const made = [text('condition', words.condition, (of.conditionExpression?.body ?? '').replace(/^=\s*/, ''), (value) => {
      const expression = value ? factory.create('bpmn:FormalExpression', { body: value.startsWith('${') ? value : `= ${value}` }) : undefined
      if (expression) expression.$parent = of
      modeling.updateProperties(element, { conditionExpression: expression })
    })]
    if (is(element.source, 'bpmn:ExclusiveGateway') || is(element.source, 'bpmn:InclusiveGateway')) {
      made.push(check('default', words.default, source.default === of, (on) => modeling.updateProperties(element.source, { default: on ? of : undefined })))
    }
    return made
  }

  function event (of, definition) {
    if (is(definition, 'bpmn:TimerEventDefinition')) return timer(definition)
    if (is(definition, 'bpmn:MessageEventDefinition')) return [named(definition, 'messageRef', 'bpmn:Message', words.message)]
    if (is(definition, 'bpmn:SignalEventDefinition')) return [named(definition, 'signalRef', 'bpmn:Signal', words.signal)]
    if (is(definition, 'bpmn:ErrorEventDefinition')) return [named(definition, 'errorRef', 'bpmn:Error', words.error, 'errorCode')]
    if (is(definition, 'bpmn:ConditionalEventDefinition')) {
      return [text('when', words.condition, (definition.condition?.body ?? '').replace(/^=\s*/, ''), (value) =>
        set(definition, { condition: owned(definition, 'bpmn:FormalExpression', { body: `= ${value}` }) }))]
    }
    return []
  }

  function timer (definition) {
    const kind = Object.keys(TIMERS).find((name) => definition[name]) ?? 'timeDuration'
    const put = (name, value) => set(definition, { timeDate: undefined, timeDuration: undefined, timeCycle: undefined, [name]: value ? owned(definition, 'bpmn:FormalExpression', { body: value }) : undefined })
    const chosen = select('timer', words.timer, kind, Object.entries(TIMERS).map(([name, word]) => [name, words[word]]), (name) => put(name, definition[kind]?.body ?? ''))
    return [chosen, text('timer-value', words.timerValue, definition[kind]?.body ?? '', (value) => put(chosen.querySelector('select').value, value))]
  }

  // Messages, signals and errors stand beside the process; one of this name is taken, or made.
  function named (of, property, type, label, field = 'name') {
    return text(property, label, of[property]?.[field] ?? '', (value) => {
      const definitions = modeler.getDefinitions()
      let found = value ? definitions.rootElements.find((one) => is(one, type) && one[field] === value) : undefined
      if (value && !found) {
        found = factory.create(type, { name: value, [field]: value })
        found.$parent = definitions
        set(definitions, { rootElements: [...definitions.rootElements, found] })
      }
      set(of, { [property]: found })
    })
  }

  function owned (parent, type, properties) {
    const made = factory.create(type, properties)
    made.$parent = parent
    return made
  }

  // --- the form of a user task -------------------------------------------------------------------------------------

  function form (element, of) {
    const box = document.createElement('fieldset')
    const legend = document.createElement('legend')
    legend.textContent = words.fields
    box.append(legend)
    const fields = data(of)?.fields ?? []
    fields.forEach((field, number) => box.append(one(of, fields, field, number)))
    box.append(button(words.fieldAdd, () => write(of, [...fields, factory.create('camunda:FormField', { id: `field_${fields.length + 1}`, label: '', type: 'string' })])))
    return box
  }

  function one (of, fields, field, number) {
    const group = document.createElement('div')
    group.className = 'form-field stack'
    const again = () => write(of, [...fields])
    const must = field.validation?.constraints?.some((rule) => rule.name === 'required')
    group.append(
      text(`field-${number}`, words.fieldId, field.id, (value) => { field.id = value; again() }),
      text(`label-${number}`, words.fieldLabel, field.label ?? '', (value) => { field.label = value || undefined; again() }),
      select(`type-${number}`, words.fieldType, field.type ?? 'string', TYPES.map((type) => [type, type]), (value) => { field.type = value; again() }),
      check(`must-${number}`, words.fieldMust, must === true, (on) => {
        field.validation = on ? owned(field, 'camunda:Validation', { constraints: [factory.create('camunda:Constraint', { name: 'required', config: 'true' })] }) : undefined
        again()
      }),
      button(words.fieldRemove, () => write(of, fields.filter((other) => other !== field)))
    )
    return group
  }

  function data (of) {
    return of.extensionElements?.values?.find((value) => is(value, 'camunda:FormData'))
  }

  function write (of, fields) {
    const box = of.extensionElements ?? owned(of, 'bpmn:ExtensionElements', { values: [] })
    const others = (box.values ?? []).filter((value) => !is(value, 'camunda:FormData'))
    const made = owned(box, 'camunda:FormData', { fields })
    for (const field of fields) field.$parent = made
    const whole = owned(of, 'bpmn:ExtensionElements', { values: fields.length ? [...others, made] : others })
    for (const value of whole.values) value.$parent = whole
    set(of, { extensionElements: whole })
    build(open)
  }

  // --- steps without a mouse -----------------------------------------------------------------------------------------

  function acts (element) {
    const made = []
    if (TASKS.some((name) => element.type === `bpmn:${name}`)) {
      made.push(select('change', words.change, element.type, TASKS.map((name) => [`bpmn:${name}`, spaced(name)]), (type) => {
        show(modeler.get('bpmnReplace').replaceElement(element, { type }))
      }))
    }
    if (!is(element, 'bpmn:EndEvent')) {
      made.push(select('append', words.append, '', [['', '—'], ...APPENDED.map((name) => [`bpmn:${name}`, spaced(name)])], (type) => type && append(element, type)))
    }
    made.push(button(words.remove, () => {
      modeling.removeElements([element])
      show(null)
    }))
    return made
  }

  // Behind the step, in front of what came there so far.
  function append (element, type) {
    const shape = modeler.get('elementFactory').createShape({ type, ...(type.endsWith('CatchEvent') ? { eventDefinitionType: 'bpmn:TimerEventDefinition' } : {}) })
    const out = element.outgoing.find((flow) => is(flow, 'bpmn:SequenceFlow'))
    const added = modeler.get('autoPlace').append(element, shape)
    if (out && element.outgoing.length === 2 && !type.endsWith('EndEvent')) {
      const after = out.target
      modeling.removeConnection(out)
      modeling.connect(added, after)
    }
    modeler.get('selection').select(added)
  }

  // --- inputs --------------------------------------------------------------------------------------------------------

  function text (name, label, value, change, known = []) {
    const input = document.createElement('input')
    input.value = value
    input.autocomplete = 'off'
    input.addEventListener('change', () => change(input.value.trim()))
    const box = field(name, label, input)
    if (known.length) {
      const listed = document.createElement('datalist')
      listed.id = `p-${name}-known`
      listed.append(...known.map((one) => option(one, one)))
      input.setAttribute('list', listed.id)
      box.append(listed)
    }
    return box
  }

  function select (name, label, value, choices, change) {
    const input = document.createElement('select')
    input.append(...choices.map(([key, word]) => option(key, word)))
    input.value = value
    input.addEventListener('change', () => change(input.value))
    return field(name, label, input)
  }

  function check (name, label, on, change) {
    const input = document.createElement('input')
    input.type = 'checkbox'
    input.checked = on
    input.addEventListener('change', () => change(input.checked))
    const box = document.createElement('label')
    box.className = 'check'
    box.append(input, label)
    return box
  }

  function field (name, label, input) {
    const box = document.createElement('div')
    box.className = 'field'
    const tag = document.createElement('label')
    input.id = `p-${name}`
    tag.htmlFor = input.id
    tag.textContent = label
    box.append(tag, input)
    return box
  }

  function button (label, act) {
    const made = document.createElement('button')
    made.type = 'button'
    made.className = 'button'
    made.textContent = label
    made.addEventListener('click', act)
    return made
  }

  function said (message, style) {
    const line = document.createElement('p')
    line.className = style
    line.textContent = message
    return line
  }

  function faults (found) {
    wrong = found
    if (open && !place.contains(document.activeElement)) build(open)
  }

  return { list, open: show, faults }
}

function option (value, words) {
  const made = document.createElement('option')
  made.value = value
  made.textContent = words
  return made
}

function spaced (type) {
  return type.replace(/^bpmn:/, '').replace(/([a-z])([A-Z])/g, (_, one, other) => `${one} ${other.toLowerCase()}`)
}
