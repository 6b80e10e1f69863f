### Letterlock's webmail in English. Short, in the second person, no exclamation marks.

## Words used in many places

undo = Undo
menu = Menu
message = Message
unread = Unread
starred = Starred
answered = Answered
has-files = Has files
no-subject = No subject
skip-link = Skip to the messages

## Starting

fault-title = Letterlock could not start
fault-text = The part that opens and seals your mail does not answer. Nothing on this device was changed. Load the page again; if that does not help, try a current Firefox, Chrome, Edge or Safari.
fault-again = Load again

## Welcome

no-server-title = No mailbox yet
no-server-heading = No mailbox yet
no-server-text = Your keys for { $address } are here, and they work in other webmails. A mailbox of its own, and the same keys and contacts on all your devices, come with an account on a Letterlock server.
no-server-account = Choose a server

welcome-heading = Mail that is its own lock
welcome-text = Your letters are sealed and opened here, in your browser. The server keeps them, and cannot read them.
welcome-create = Create an account
welcome-login = Log in
welcome-hint = It takes about a minute. You need no extension and no other address.

## Creating an account

signup-title = Create an account
signup-step = Step { $n } of 3
signup-address-heading = Choose your address
signup-address-fault = Type the part before the @, without spaces.
signup-domain = Domain
signup-name = Your name
signup-name-short = Name
signup-name-hint = Stands beside your address in the letters you send. You may leave it empty.
signup-passphrase-heading = Choose a passphrase
signup-passphrase-text = It opens your account and everything in it. Four or more words that nobody would guess are easy to remember and hard to break.
signup-no-reset = Nobody can reset it, not even the people who run the server: they never learn it. Write it down and keep it somewhere safe.
signup-weak = This passphrase is easy to guess. Choose a longer one, or press again to keep it.
signup-anyway = Keep it anyway
signup-ready-heading = Ready
signup-ready-text = Your keys are made in this browser and leave it only sealed.
signup-publish = Publish my certificate
signup-publish-hint = Anybody can then find it by your address and write to you sealed. It holds your address and public keys, no name and no secret.
signup-create = Create my account
toast-created = Your account is ready.

passphrase-repeat = The same again
passphrase-differs = The two are not the same. Type it again.

## Logging in, unlocking

login-title = Log in
login-heading = Log in
login-submit = Log in
login-incomplete = Type your address and your passphrase.
login-hint = Your passphrase never leaves this browser. The server has to prove that it knows your account before it is trusted.
log-in-again = Log in again
unlock-title = Locked
unlock-submit = Unlock
unlock-other = Another account
unlock-hint = What is stored on this device is sealed. Unlocking works without the server.
locked-after-idle = Locked, because nothing was typed for a while.

## Long work

progress-wait = One moment.
progress-stretching = Working your passphrase into a key. This is slow on purpose.
progress-keys = Making your keys.
progress-registering = Registering with the server.
progress-login = Logging in. You and the server prove yourselves to each other.
progress-vault = Opening what is stored here.
progress-sync = Fetching and opening mail.
progress-sealing = Sealing your letter.
progress-sending = Sending it.

## Around every page

nav = Mailboxes
compose = Write
compose-continue = Go on writing
refresh = Look for new mail
connection-offline = Offline
outbox-waiting = { $n ->
    [one] One letter waits to be sent
   *[other] { $n } letters wait to be sent
}
unread-count = { $n ->
    [one] one unread
   *[other] { $n } unread
}

notice-offline = The server cannot be reached. What is stored here can be read; letters you send wait, sealed, until it answers.
notice-storage-full = The browser gives no more room. New mail is shown but not kept here. Free some space on this device, then load again.
notice-storage-damaged = { $n ->
    [one] One damaged piece of the local store was set aside. It will be fetched again; nothing on the server is lost.
   *[other] { $n } damaged pieces of the local store were set aside. They will be fetched again; nothing on the server is lost.
}
notice-passphrase-changed = The passphrase was changed on another device. Log in again with the new one.
notice-session-ended = Your session has ended. What is stored here stays. Log in again to go on.

## Mailboxes and the list

mailbox-inbox = Inbox
mailbox-sent = Sent
mailbox-drafts = Drafts
mailbox-archive = Archive
mailbox-trash = Trash
mailbox-junk = Junk
mailbox-unread = { $name } ({ $n })
mailbox-total = { $n ->
    [0] Empty
    [one] One message
   *[other] { $shown } messages
}
row-to = To { $names }
row-problem = This message cannot be opened
empty-inbox = Letters that reach you appear here. A letter to yourself is a good first one: it shows how everything looks.
empty-inbox-action = Write to yourself
empty-mailbox = Nothing is here.
first-letter-subject = A first letter
first-letter-text = This letter was sealed in my browser before it left, and only I can open it.

## Reading

reader-empty = Choose a message to read it here.
back-to-list = Back to the list
message-actions = What to do with this message
archive = Archive
delete = Delete
star = Star
mark-unread = Mark as unread
move-inbox = Move to the inbox
toast-archived = Archived.
toast-deleted = Moved to the trash.
toast-inbox = Moved to the inbox.

quote-reply = On { $date }, { $name } wrote:
quote-forward =
    ---------- Forwarded message ----------
    From: { $from }
    To: { $to }
    Date: { $date }
    Subject: { $subject }

## Writing

compose-title-new = New letter
compose-title-reply = Reply
compose-title-forward = Forward
compose-leave = Back to the mail; the letter is kept
letter-placeholder = Write your letter
send = Send sealed
drop-here = Drop files here to attach them
recipient-unknown = not looked up yet
trouble-key-changed = The key of { $name } is not the one you know. Nothing is sent to { $name } until you decide.
trouble-no-key = Nobody knows a key for { $name }, so a letter to { $name } cannot be sealed.
trouble-not-an-address = “{ $name }” is not an address. Remove it and type it again.
trouble-drop = Remove
send-nobody = Who is it for?
send-looking = Looking for keys.
send-trouble = { $n ->
    [one] One recipient would break the seal.
   *[other] { $n } recipients would break the seal.
}
send-unknown = Keys could not be looked up. The letter waits, sealed to you, and goes out when they can.
send-ready = { $n ->
    [one] Will be sealed to one person and you.
   *[other] Will be sealed to { $n } people and you.
}
send-sending = On its way.
send-kept = Your letter is kept here. Nothing of it was lost.
toast-sent = Sent, sealed.
toast-unfinished = This letter is not finished yet. Send it or discard it, then begin another.
toast-queued = The server cannot be reached. Your letter waits here, sealed, and goes out by itself.
discard-text = It was not sent, and it is kept nowhere else.
discard-cancel = Keep writing
key-title = The key of { $name } has changed
key-refuse = Do not send to this person

## Settings

settings-page = This page
back-to-mail = Back to the mail
theme = Appearance
theme-system = As the system
theme-light = Light
theme-dark = Dark
idle = Lock after
idle-minutes = { $n ->
    [one] one minute
   *[other] { $n } minutes
}
idle-never = never
idle-hint = Locks when nothing was typed or touched in this tab for that long. Locking forgets all keys; an unsent letter stays in this tab.
change-passphrase-text = Your mail is not sealed anew: only the key that opens it is. Other devices ask for the new passphrase.
change-passphrase-done = The passphrase is changed.
passphrase-old = Present passphrase
certificate = Your certificate
certificate-text = Give it to anybody who wants to write to you sealed. It holds your address and public keys, no name and no secret.
certificate-show = Show certificate
toast-copied = Copied.
toast-not-copied = The browser did not allow copying. Select the text and copy it yourself.
extension-settings = Keys, passphrase and locking
extension-settings-text = These belong to the extension as a whole, here and in other webmails.
extension-settings-open = Open the extension’s settings
device = This device
device-text = Locking keeps your sealed mail on this device. Logging out removes it.
log-out = Log out
log-out-title = Log out of this device?
log-out-text = Everything stored on this device is removed. Your mail stays, sealed, on the server. To come back you need your address and your passphrase.
log-out-outbox = { $n ->
    [one] One letter still waits to be sent and would be lost.
   *[other] { $n } letters still wait to be sent and would be lost.
}

## Keys

help-title = Keyboard
help-move = next, previous message
help-open = open
help-back = back to the list

## Failures: what happened, what is safe, what to do

failure-login = Address and passphrase do not fit together. Nothing was changed. Check both and try again; capital letters count.
failure-passphrase = This passphrase does not open what is stored here. Nothing is lost. Try again; capital letters count.
failure-server = The server could not prove that it knows your account. Your passphrase was not given away. Check the address of this page, and try again later or from another network.
failure-taken = This address is in use already. No account was made. Choose another address.
failure-address = This server does not give out that address. Choose another one, with letters, digits, dots and hyphens before the @.
failure-closed = This server takes no new accounts now. Ask the people who run it, or log in if you have one.
failure-offline = The server cannot be reached. What is stored on this device is safe. Check your connection and try again.
failure-too-many = There were too many tries in a short time. Nothing was changed. Wait a minute and try again.
failure-logged-out = Your session has ended. What is stored here is safe. Log in again to go on.
failure-locked = This account is locked. Unlock it and try again.
failure-cannot-open = This message was changed on its way, is damaged, or was not sealed to you. Nothing of it is shown. Ask the sender to send it again.
failure-no-key = A recipient has no key that can be used. Nothing was sent. Remove that recipient, or ask them for a new certificate.
failure-key-changed = The key of a recipient has changed. Nothing was sent. Compare the keys and decide.
failure-too-large = This letter is larger than the server takes. Nothing was sent. Remove a file and try again.
failure-storage = The browser gives no more room. What is stored already is safe. Free some space on this device and try again.
failure-conflict = Another device or tab was faster. Nothing was overwritten. Look again and repeat what you did.
failure-internal = Something went wrong that should not have. What is stored is safe. Try again; if it happens once more, load the page again.
