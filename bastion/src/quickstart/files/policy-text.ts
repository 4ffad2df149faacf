/** Returns the policy that a new data folder begins with. */
export function policyText(): string {
  return `# Who may do what. What no rule allows is denied, and a deny rule wins over every allow rule.
# The lines under "tests" are tried when the policy is loaded; it does not load unless they hold.
# Edit, try with "npx sallyport policy check policy.yaml", and start the quickstart again.
version: 1

rules:
  # --- what the CI agent may run; each command of a line needs a rule ---

  - id: read-log
    effect: allow
    who: { groups: [ci] }
    run:
      argv: [tail]
      options: [{ -n: { int: [1, 1000] } }]
      rest: { each: { glob: '*.log' }, max: 1 }
    tests:
      match: [tail -n 3 app.log, tail app.log]
      no_match: [tail -f app.log, tail /etc/passwd, tail -n 3 ../app.log]

  - id: look-around
    effect: allow
    who: { groups: [ci] }
    run:
      argv: [{ oneOf: [uptime, uname, whoami, pwd, ls] }]
      options: [-a, -l]
      rest: { each: { oneOf: [releases] }, max: 1 }
    tests:
      match: [uptime, uname -a, ls -l releases]
      no_match: [ls /etc]

  - id: read-release
    effect: allow
    who: { groups: [ci] }
    run:
      argv: [cat, { glob: 'releases/*' }]
    tests:
      match: [cat releases/42.txt]
      no_match: [cat /etc/shadow, cat releases/../.ssh/id]

  # "scp -O FILE web-1:releases/" runs this on the target.
  - id: copy-release
    effect: allow
    who: { groups: [ci] }
    run:
      argv: [scp]
      options: [-d, -p, -t]
      rest: { each: { oneOf: [releases, releases/] }, max: 1 }
    tests:
      match: [scp -t releases/, scp -p -t releases]
      no_match: [scp -f app.log, scp -t .]

  # --- people ---

  # The request for a shell is judged; what is typed in it is recorded, not judged.
  - id: shell-for-people
    effect: allow
    who: { groups: [people] }
    shell: { pty: true, mode: observed }
    tests:
      match: [pty]
      no_match: [no-pty]

  - id: files-for-people
    effect: allow
    who: { groups: [people] }
    subsystem: [sftp]
    tests:
      match: [sftp]

  # --- never ---

  - id: no-removal
    effect: deny
    message: Nothing is removed by hand; old releases expire.
    run:
      argv: [{ oneOf: [rm, rmdir, shred] }]
    tests:
      match: [rm -rf releases, uptime; rm app.log]
      no_match: [ls releases]
`
}
