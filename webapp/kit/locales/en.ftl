### What the webmail and the extension say alike, in English. Short, in the second person, no
### exclamation marks. A program may say one of these in its own words, in its own catalogue.

app-name = Letterlock
tagline = Before envelopes, a letter was folded and slit until it became its own lock.
page-title = { $title } · Letterlock

## Words used in many places

address = Address
passphrase = Passphrase
fingerprint = Fingerprint
details = Details
why = Why
less = Less
close = Close
stop = Stop
cancel = Cancel
back = Back
next = Next
save = Save
copy = Copy
try-again = Try again
subject = Subject
to = To
cc = Cc
reply-to = Answers go to
look-alike = { $address } is not written in the plain letters a to z alone: { $letters }. Other letters can look just like them. Ask the person for the address, or type the one you know.
person-unknown = Unknown sender
show-passphrase = Show passphrase

## Spans of time

span-instant = no time at all
span-seconds = { $n ->
    [one] one second
   *[other] { $n } seconds
}
span-minutes = { $n ->
    [one] one minute
   *[other] { $n } minutes
}
span-hours = { $n ->
    [one] one hour
   *[other] { $n } hours
}
span-days = { $n ->
    [one] one day
   *[other] { $n } days
}
span-months = { $n ->
    [one] one month
   *[other] { $n } months
}
span-years = { $n ->
    [one] one year
   *[other] { $shown } years
}
span-ages = more than a million years

## Welcome

welcome-title = Welcome

## Creating an account

passphrase-new = New passphrase
passphrase-too-short = Use at least { $n } characters.
strength-weak = Weak.
strength-fair = Fair.
strength-good = Good.
strength-strong = Strong.
strength-thief = It would take a thief about { $span }.

## Logging in, unlocking

unlock-heading = Locked

## Around every page

settings = Settings
lock = Lock
lock-hint = Forget all keys until you unlock again

## Reading

reply = Reply
reply-all = Reply to all
forward = Forward
no-text = This message has no text.
message-frame = Text of the message

pictures-text = Pictures from the internet were not loaded. Loading them tells their sender that you read this.
pictures-show = Show pictures
link-title = Open this link?
link-text = It leads to { $host }.
link-other = This link does not lead to a web page. It is only shown.
link-open = Open in a new tab

files = Files
files-count = { $n ->
    [one] One file
   *[other] { $n } files
}
files-size = { $size } of files
save-file = Save { $name }

## The verdict line

verdict = Protection of this message
verdict-sealed = Sealed
verdict-sealed-why = Its sender sealed it to you. Nobody could read it on its way.
verdict-signed-only = Signed only
verdict-signed-only-why = It was signed but not sealed: others could read it on its way.
verdict-open = Open
verdict-open-why = It was neither sealed nor signed: others could read and change it on its way.
verdict-signed-by = signed by { $name }
verdict-signed-by-you = signed by you
verdict-signed-why = The signature fits every byte that is shown.
verdict-own-why = The signature is yours and fits every byte that is shown.
verdict-other = signed by somebody else: { $name }
verdict-other-why = The signature is good, but its key does not belong to the address this message claims to come from. Ask the sender by another way.
verdict-unknown = signed by an unknown key
verdict-unknown-why = The key of this signature could not be found, so nobody can tell whose it is.
verdict-bad = signature does not fit
verdict-bad-why = { $reason } Do not rely on what it says; ask the sender to send it again.
verdict-unsigned = not signed
verdict-unsigned-why = Nothing proves who wrote it. The name above is only what the message claims.
verdict-signed-at = Signed
verdict-headers = Subject and addresses were protected inside.
verdict-headers-open = Subject and addresses were not protected: servers on the way could read and change them.
trust-verified = verified in person
trust-verified-why = You compared this key with { $name }.
trust-known = known key
trust-known-why = It is the same key { $name } has used with you before.
trust-new = new key
trust-new-why = This is the first time you see this key of { $name }. From now on it is remembered.
trust-changed = key changed
trust-changed-why = { $name } used another key with you before. Ask by another way whether the change is theirs.

## Writing

letter-text = Text
attach = Attach
discard = Discard
remove-file = Remove { $name }
recipient-placeholder = name@example.org
recipient-remove = Remove { $name }
recipient-looking = looking for a key
recipient-verified = will be sealed, verified in person
recipient-known = will be sealed, known key
recipient-new = will be sealed, new key
recipient-own = will be sealed to you
recipient-key-changed = key changed
recipient-unusable = key cannot be used
recipient-no-key = no key found
recipient-not-an-address = not an address
recipient-unknown = keys could not be looked up
trouble-unusable = There is a key for { $name }, but it cannot be used. { $reason }
trouble-compare = Compare keys
trouble-retry = Look again
discard-title = Discard this letter?
key-text = This happens when { $name } sets up a new device or program. It also happens when somebody sits between you. Ask { $name } by telephone or in person to read out the fingerprint.
key-old = The key you know
key-new = The new key
key-accept = Use the new key

## Settings

change-passphrase = Change passphrase
