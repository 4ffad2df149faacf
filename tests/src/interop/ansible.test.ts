import { strict as assert } from 'node:assert'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBed, type Bed } from '../support/bed.ts'
import { recorded } from '../support/recorded.ts'

/** Ansible sends shell text and Python programs: the rule says by name that nobody judges them. */
const POLICY = `
version: 1
rules:
  - id: ansible-not-judged
    effect: allow
    who: { identities: [ci/acme/shop] }
    where: { targets: [web] }
    unresolved: allow
`

/** Ten common modules; each leaves something behind that the last ones look at. */
const PLAYBOOK = `
- hosts: web
  gather_facts: false
  vars: { place: '{{ lookup("env", "PLACE") }}', greeting: hello }
  tasks:
    - ping:
    - setup: { gather_subset: [min] }
    - file: { path: '{{ place }}/tree', state: directory, mode: '0750' }
    - copy: { content: "first line\\n", dest: '{{ place }}/tree/copied' }
    - template: { src: greeting.j2, dest: '{{ place }}/tree/templated' }
    - lineinfile: { path: '{{ place }}/tree/copied', line: second line }
    - replace: { path: '{{ place }}/tree/copied', regexp: first, replace: 1st }
    - command: cat {{ place }}/tree/copied
      register: copied
    - shell: echo "$((6 * 7))" | tee {{ place }}/tree/answer
      register: answer
    - stat: { path: '{{ place }}/tree/templated' }
      register: templated
    - slurp: { src: '{{ place }}/tree/templated' }
      register: slurped
    - assert:
        that:
          - copied.stdout_lines == ['1st line', 'second line']
          - answer.stdout == '42'
          - templated.stat.exists
          - (slurped.content | b64decode) == "hello from a template\\n"
`

describe('ansible over -J', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed({ policy: POLICY })
    const scratch = join(bed.folder, 'scratch')
    await writeFile(join(scratch, 'playbook.yaml'), PLAYBOOK)
    await writeFile(join(scratch, 'greeting.j2'), '{{ greeting }} from a template\n')
  })
  after(async () => {
    await bed?.close()
  })

  const play = (target: string): ReturnType<Bed['sh']> =>
    bed.sh(
      `mkdir -p place tmp; PLACE=$D/place ANSIBLE_SSH_ARGS="-F $C -o ControlMaster=auto -o ControlPersist=10 -o ControlPath=$D/cp-%C" \
         ANSIBLE_REMOTE_TMP=$D/tmp ANSIBLE_LOCAL_TEMP=$D/local ANSIBLE_HOME=$D/ansible ANSIBLE_NOCOLOR=1 ANSIBLE_RETRY_FILES_ENABLED=0 \
         ansible-playbook -i ${target}, -e ansible_python_interpreter=/usr/bin/python3 playbook.yaml < /dev/null
       status=$?; for socket in $D/cp-*; do [ -S "$socket" ] && ssh -F $C -S "$socket" -O exit web 2> /dev/null; done; exit $status`,
    )

  it('plays ten common modules where a rule says that they are not judged', async () => {
    const { status, stdout, stderr } = await play('web')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /failed=0/)
  })

  it('shows in the recording that nothing of it was judged', async () => {
    const commands = await recorded(bed, 'python3')
    assert.ok(commands.length > 5)
    for (const { file } of commands) {
      assert.match(await readFile(file, 'utf8'), /"allow, not judged {2}/)
    }
  })
})
