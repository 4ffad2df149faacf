import assert from 'node:assert/strict'
import { activityOf } from '@sallyport/bastion/record'

describe('activityOf', () => {
  for (const [kind, title, activity] of [
    ['exec', 'uptime', 'exec'],
    ['exec', 'scp -t /srv', 'scp'],
    ['exec', ' /usr/bin/rsync --server . /srv', 'rsync'],
    ['exec', "git-upload-pack '/srv/a.git'", 'git'],
    ['exec', 'git\tstatus', 'git'],
    ['exec', 'gitk', 'exec'],
    ['exec', '', 'exec'],
    ['subsystem', 'subsystem sftp', 'sftp'],
    ['subsystem', 'subsystem netconf', 'subsystem'],
    ['shell', 'shell', 'shell'],
    ['forward', 'scp', 'forward'],
  ] as const) {
    it(`is ${activity} for ${kind} ${JSON.stringify(title)}`, () => {
      assert.equal(activityOf(kind, title), activity)
    })
  }
})
