/** What `help` says. */
export const helpText: string = `This is the bastion's shell, not the target's. Each line is judged on its own before
anything of it reaches the target, and runs there as one command without a terminal.

  cd [DIR]            the folder for the lines after this one; cd alone goes back to the first
  pwd                 that folder
  export NAME=value   a variable for the lines after this one, where the policy lets you
  unset NAME          forgets it
  history             the lines of this session
  exit [STATUS]       ends the session

Kept from line to line are the folder and the variables, and nothing else. What cannot be
known before it runs ($x, patterns, loops, here-documents) is refused, unless a rule allows it.
Full-screen programs and job control do not work here.
`
