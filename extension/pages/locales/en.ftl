### The extension's frames and pages in English. Short, in the second person, no exclamation marks.

## Words used in many places

user-id = Name
algorithms = Algorithms
open = Open
copied = Copied.
not-copied = The browser did not allow copying. Select the text and copy it yourself.
understood = Understood
unlock = Unlock
set-up = Set up Letterlock
your-name = Your name
name-hint = Stands beside your address in what you send. You may leave it empty.
show-passphrase = Show what is typed

## Long work

step-wait = One moment.
step-fetching = Fetching.
step-opening = Opening.
step-sealing = Sealing.
step-inserting = Putting it into the page.
unlocking = Working your passphrase into a key. This is slow on purpose.

## The picture by which frames are known

mark-says = Your picture: { $picture } on { $colour }
mark-pictures = Picture
mark-colours = Colour
mark-boat = paper boat
mark-crane = paper crane
mark-hat = paper hat
mark-star = star
mark-fish = fish
mark-house = house
mark-key = key
mark-leaf = leaf
mark-kite = kite
mark-mountain = mountain
mark-cup = cup
mark-bell = bell
mark-moon = moon
mark-sun = sun
mark-tree = tree
mark-anchor = anchor
mark-feather = feather
mark-lantern = lantern
mark-waves = waves
mark-fox = fox
mark-heart = heart
mark-gem = gem
mark-dart = paper dart
mark-mushroom = mushroom
colour-brick = brick
colour-amber = amber
colour-moss = moss
colour-teal = teal
colour-sky = sky
colour-indigo = indigo
colour-plum = plum
colour-slate = slate

## Guarded buttons

guard-seen-now = Part of it was out of sight, and nothing was done. Now you see all of it: press again.
guard-covered = Something seems to lie over this button, or it is not wholly on the screen. Nothing was done. Scroll until you see all of it and press again.

## The verdict line

verdict-other-why = The signature is good, but its key does not belong to the sender this page shows. Ask the sender by another way.
verdict-unsigned-why = Nothing proves who wrote it. The sender is only what the page shows.
trust-own = your own key

## Reading

locked-reader = Sealed message from { $name }
locked-reader-plain = Sealed message
locked-editor = Unlock to write sealed mail here
locked-other = Letterlock is locked
reader-opening = Sealed message
reader-opening-file = Sealed file { $name }
reader-opening-files = { $n } sealed files
reader-password = This message was sealed with a password. Its sender will have told it to you by another way.
message-password = Password for this message
message-password-hint = Not your passphrase: that is never asked for inside a web page.
save-anyway = Save anyway
file-runs = Files of this kind can run programs or scripts when they are opened. Save it only if you expected it from this sender.
key-offer-label = Key that came with this message
key-offer = { $name } sent a key along. Keep it to write back sealed.
key-offer-other = The key that came along is not the one you know of { $name }. Keep it only after you asked { $name } by telephone or in person.
key-keep = Keep this key
key-kept = Kept. You can write to { $name } sealed.

## Writing

editor-title = Sealed letter
draft-keeping = Draft changes…
draft-kept = Draft kept, sealed
draft-not-kept = The draft could not be kept
was-typed = Some text stood in this page’s own box before. The provider of this page may have saved it. It was moved here; from now on the page sees nothing you write.
left-behind = Files of this message could not be taken along: they could not be opened, or are not signed as the message is. Save them in the message and attach them here.
letter-placeholder = Write your letter. The page cannot see it.
recipient-more = Add someone
recipient-remove = Leave { $name } out
recipient-back = Take { $name } back in
recipient-left-out = gets the letter, cannot open it
recipient-from = { $says } ({ $source })
source-own = your own
source-imported = you imported it
source-mail = from a message
source-autocrypt = from a message’s header
source-wkd = from the address’s domain
source-directory = from your server’s directory
trouble-key-changed = The key of { $name } is not the one you know. Nothing is sealed to { $name } until you decide.
trouble-no-key = Nobody knows a key for { $name }, so { $name } could not open a sealed letter.
trouble-unknown = Keys for { $name } could not be looked up now. There may be one.
trouble-not-an-address = “{ $name }” is not an address. Correct it in the page or leave it out.
trouble-leave-out = Leave out
trouble-password = Seal with a password
trouble-plain = Go on unsealed
password-text = { $names } can open it with this password. Tell it by telephone or in person, not by mail.
password-hint = At least { $n } characters. Whoever has the letter can try passwords for as long as they like, so a few random words are better than one.
password-short = The password for the letter needs at least { $n } characters.
password-drop = No password
subject-hidden = hidden
choices = How this letter goes out
choice-encrypt = Seal
choice-encrypt-hint = Only the recipients and you can read it
choice-sign = Sign
choice-sign-hint = Proves that it comes from you and was not changed
choice-hide-subject = Hide subject
choice-hide-subject-hint = The page and its servers see “...” instead of the subject
choice-rich = Rich text
choice-rich-hint = Bold, lists, links. Older OpenPGP programs show plain text better.
encrypt = Seal into the page
encrypt-signed = Sign into the page
encrypt-plain = Put in unsealed
outlook-nobody = Who is it for?
outlook-looking = Looking for keys.
outlook-trouble = { $n ->
    [one] One recipient could not open it.
   *[other] { $n } recipients could not open it.
}
outlook-ready = { $n ->
    [one] Will be sealed to one person and you.
   *[other] Will be sealed to { $n } people and you.
}
outlook-ready-for = Will be sealed to { $people } and you.
outlook-signed-only = Will be signed. Everybody on its way can read it.
outlook-plain = Will go out open: everybody on its way can read it.
outlook-page-asks = The page asks for the sealed letter when you send it.
file-unreadable = { $name } could not be read. Folders cannot be attached.
drop-here = Drop files here to attach them, sealed
discard-text = What you wrote here and its kept draft are removed. Nothing was sent.
discard-no = Keep writing
plain-title = Put this letter into the page unsealed?
plain-text = Your provider, the recipients’ providers and everybody on the way can read and change it. Files attached here do not go along.
plain-yes = Yes, unsealed
plain-no = Keep it sealed
page-asks-title = This page wants the letter now
page-asks-text = It will be sealed to { $names }. They can read all that stands in it, quotes as well.
page-asks-signed = It will be signed with your key.
page-asks-draft = It wants to keep it as a draft, sealed to you.
page-asks-yes = Give it, sealed
page-asks-no = No
inserted = Sealed and in the page. Send it there.
not-inserted-label = Not everything is in the page
not-inserted = The page did not take: { $roles }. Your letter is sealed; copy it and paste it into the page yourself.
role-body = the text
role-subject = the subject
role-files = the files
role-recipients = the recipients
sealed-letter = The sealed letter
letter-kept = Your letter is kept here. Nothing of it was lost.
format = Formatting
format-bold = Bold
format-italic = Italic
format-underline = Underlined
format-bullets = List
format-numbers = Numbered list
format-quote = Quotation
format-link = Link
format-link-address = Address of the link
format-link-set = Set link

## Key frames

declined = Nothing was changed.
generator-title = Make your keys
generator-text = This page asks Letterlock to make a key pair for you. It stays on this device, sealed; the page gets the public half only.
generator-make = Make keys
generator-working = Making your keys.
generator-done = Your keys are ready.
import-title = Keep this key?
import-text = { $origin } brings a key. If you keep it, letters to its owner are sealed to it.
import-replaces = You know another key for the same address. Keep this one only after you asked its owner by telephone or in person.
import-refuse = Do not keep it
import-done = The key is kept.
backup-title = Recovery sheet
backup-text = A recovery sheet brings your keys back if this device is lost. It is made in a window of Letterlock, where your passphrase is safe to type.
backup-go = Open the window
restore-title = Recover your keys
restore-text = With a recovery sheet your keys come back. That is done in a window of Letterlock, where what you type is safe.
restore-go = Open the window
elsewhere-opened = Go on in the window that was opened.

## Popup

popup-welcome = Write and read sealed mail in Gmail and other webmails. Setting up takes about a minute.
ways = Pages of Letterlock
keys = Keys
contacts = Contacts
sites = Sites
way-files = Seal or open files
way-webmail = Letterlock webmail
site-label = This site
site-none = There is nothing to seal or open on this page.
site-scan = Find sealed mail here
site-scan-hint = Shows sealed messages opened, and a button where you write.
site-api = Let this webmail use Letterlock
site-api-hint = It may then write and read sealed mail with your key, in Letterlock’s own frames. It never sees a key or a decrypted word.
site-asks = This webmail would like to use Letterlock. You decide below.
site-built-in = built in
self-test-good = Letterlock finds its way on this page.
self-test-missing = { $n ->
    [one] One part of this page was not found. The page may have changed; if writing or reading does not work, seal files or copy by hand until an update comes.
   *[other] { $n } parts of this page were not found. The page may have changed; if writing or reading does not work, seal files or copy by hand until an update comes.
}
self-test-details = { $provider } · found: { $found } · by a fall-back: { $fallbacks } · missing: { $missing }

## Unlocking

unlock-title = Unlock
unlock-hint = This window belongs to Letterlock. Inside web pages your passphrase is never asked for.
unlocked-text = Unlocked. You can go on in the page.

## First run

step-of = Step { $n } of 3
welcome-heading = Whose letters will be sealed?
welcome-text = The address you already use, at Gmail or anywhere else. Nothing is published or sent.
welcome-address = Your mail address
welcome-address-fault = Type your whole address, such as name@example.org.
welcome-have-key = You have keys already?
welcome-from-file = Import from GnuPG
welcome-from-sheet = Recovery sheet
welcome-from-server = Account on a Letterlock server
from-server-heading = Enter your account
from-server-text = Your keys come from your server, sealed, and are opened here.
from-server-create = Enter
from-server-entering = Entering. You and the server prove yourselves to each other.
welcome-passphrase-heading = Your passphrase
welcome-passphrase-drawn = These words were drawn at random just now, for you alone. Write them down, then type them once.
welcome-passphrase-own = It opens your keys on this device. Four or more words that nobody would guess are easy to remember and hard to break.
passphrase-retype = Type the words above
passphrase-another = Draw other words
passphrase-own = Choose your own
passphrase-draw = Draw words for me
passphrase-own-hint = It is judged carefully: odd words count no more than common ones.
passphrase-differs = These are not the words above. Check them and type them again.
passphrase-too-weak = A thief would guess this within a day. Add a few unrelated words.
passphrase-no-reset = Nobody can reset it: no server knows it. Keep it somewhere safe.
welcome-picture-heading = Your picture
welcome-picture-text = It stands in every frame of Letterlock inside a web page. A page that imitates Letterlock cannot know it: where it is missing, type nothing.
welcome-create = Make my keys
welcome-creating = Making your keys and sealing them with your passphrase.
welcome-locked = Letterlock is set up already. Unlock it to go on.
done-heading = Ready
done-again-heading = You are set up
done-text = Your keys are made and never leave this device unsealed. Here is a first letter, sealed to you alone:
done-letter = Your first sealed letter
done-open-letter = Open it
done-sealing = Sealing a letter to you.
done-sheet = If this device is lost, only a recovery sheet brings your keys back. Print one now or soon.
done-gmail = Go to Gmail
done-other = Another webmail
from-file-heading = Import your keys
from-file-text = Choose the file with your private key. GnuPG writes it with:
from-file-pick = Choose a key file
from-file-no-private = This file holds no private key. Export the private one and choose that file.
file-passphrase = Passphrase of the key in this file
file-passphrase-hint = The one it had in the program it comes from. It opens the file once and is not kept.
from-sheet-heading = Recover from a sheet
from-sheet-text = Type the code from your recovery sheet, and add the sealed backup that was printed or saved with it.
from-sheet-missing = Both are needed: the code and the sealed backup.
recovery-code = Code
recovery-code-hint = All groups in their order. Blanks and line ends do not matter.
recovery-backup = Sealed backup
recovery-backup-hint = The text that begins with -----BEGIN PGP. Paste it, or choose the saved file.
recovery-pick = Choose the saved file

## Account

account = Account
account-none = Keys on this device alone
account-none-text = Letterlock works without any server. With an account on one, your keys, contacts and settings are on all your devices, sealed, and you get a mailbox of its own.
account-server-label = Address of the server
account-server-hint = Such as mail.example.org. Whoever runs it can tell you.
account-asking = Asking the server.
account-make = A new account at { $server }
account-make-text = It is made out of what is here: the same keys, contacts and passphrase. They leave this device sealed; the server cannot open them.
account-make-passphrase = The one you have. The server never learns it.
account-make-button = Make the account
account-enter = Your account at { $server }
account-enter-text = Keys, contacts, drafts and settings of this device are brought into it. Nothing is lost.
account-enter-passphrase = The account’s own. From then on it opens Letterlock on this device, too.
account-enter-button = Enter the account
account-again = Enter it again
account-again-text = With the new passphrase everything goes on as before.
account-address = Address
account-domain = Domain
account-other = Another server
account-have = I have an account there
account-new = Make a new account
account-closed = This server takes no new accounts now.
account-linking = Sealing and sending what is here.
account-publish = Let everybody find my public key
account-publish-hint = By your address, through the server’s directory. People on the same server find it either way.
account-linked-done = Your account is ready.
account-linked-text = Keys, contacts and settings are kept in step on all your devices, sealed.
account-server = Server
account-synchronised-at = Up to date
account-not-yet = not yet today
account-synchronise = Bring up to date
account-synchronised = Everything is up to date.
account-leave = Leave the server
account-leave-title = Leave the server?
account-leave-text = All keys, contacts, drafts and settings stay on this device; mail that was kept here is removed. On the server nothing changes: you can enter the account again from here or elsewhere.
account-left = Letterlock works without a server now.

## Keys

keys-text = Your keys open what is sealed to you and sign what you send. They are kept sealed on this device.
keys-empty = Here are the keys you own. Make a pair to begin.
key-generate = New key pair
key-import = Import keys
key-import-text = From a file or pasted text. You see what is in it before anything is kept.
key-restore = Recover from a sheet
key-restore-go = Take these keys back
key-paste = Or paste it here
key-previews = What the file holds
key-private = Private key: it becomes one of yours
key-public = Public key: its owner becomes a contact
key-replaces = You know another key for this address: { $old }
key-take-in = Keep these keys
key-in-use = in use
key-revoked = withdrawn
key-not-backed-up = no recovery sheet yet
key-created = Made
key-expires = Ends
key-use = Use this key
key-used = This key is in use now.
key-export = Save public key
key-exported = Saved.
key-export-private = Save private key
key-publish = Publish
key-publish-hint = Gives the public key to your Letterlock server’s directory, so that others find it by your address
key-publish-how = Publish…
key-publish-how-hint = Others find the key by your address once you have an account on a Letterlock server
key-published = Published. Everybody finds it by your address now.
key-withheld = Taken back. Only people on the same server find it now.
key-revoke = Withdraw
key-revoke-title = Withdraw this key?
key-revoke-text = This cannot be undone. Others are told not to seal to it any more; you can still open old mail with it. Why?
revoke-superseded = I use another key
revoke-compromised = Somebody else may have it
revoke-retired = I do not use it any more
key-revoked-done = Withdrawn. Save the public key and give it to those who write to you, so that they know.
key-delete = Remove
key-delete-title = Remove this key from this device?
key-delete-text = Mail that is sealed to it can then not be opened here any more.
key-delete-no-backup = There is no recovery sheet with this key. Without one it is gone for good.
key-deleted = Removed.
profile = Kind
profile-compatible = For every program
profile-compatible-hint = GnuPG, Thunderbird, Proton and all others read it.
profile-modern = Modern
profile-modern-hint = RFC 9580. Newer programs only.
profile-post-quantum = Against quantum computers, too
profile-post-quantum-hint = RFC 9980. Large, and few programs read it yet.
expiry = Ends
expiry-never = Never
expiry-years = { $n ->
    [one] After one year
   *[other] After { $n } years
}
export-private-title = Save your private key
export-private-text = For another OpenPGP program. Whoever has the file and its passphrase can read your mail.
export-private-others = Letterlock users may seal to a part of your key that older programs, such as GnuPG 2.2, cannot use. Such mail opens in Letterlock only.
export-passphrase = Passphrase for the file
export-passphrase-hint = The other program asks for it.

## Contacts

contacts-text = People whose keys are remembered. A key is remembered when you first use it, and you are told when it changes.
contacts-look-up = Look for a key
contacts-look = Look
contacts-import = Import keys
contacts-filter = Find a contact
contacts-empty = Keys appear here once you have sealed something with them. See above whether there is one for an address, or import a file you were given.
contact-source = Where from
contact-since = Remembered since
contact-offered = Another key was offered for { $name }. Ask { $name } by telephone or in person before you use it.
contact-forget = Forget this key
contact-forget-title = Forget the key of { $name }?
contact-forget-text = The next key that turns up for this address will be taken as new, without a warning.
found-ready = There is a key for { $name }. You can write sealed.
found-changed = The key found for { $name } is not the one you know. Decide below.
found-none = No key was found for { $name }. Ask for a public key and import it.

## Files

files-text = Seal files for people or with a password, and open what was sealed. All of it happens on this device.
files-seal = Seal
files-open = Open
files-pick = Choose files
files-to = For
files-to-hint = Addresses, with commas between them.
files-password = Or with a password
files-password-hint = For people without a key. Tell it to them by another way than the file.
files-password-open = Password, if the file was sealed with one
files-password-open-hint = Leave it empty for files sealed to your key.
files-incomplete = Choose files, and somebody to seal them for or a password.
files-incomplete-open = Choose files to open.
files-results = Ready to save

## Sites

drafts = Drafts
drafts-text = What you began to write in a page and did not send. It lies here sealed, on this device, until you send it or discard it. Open the draft in the page again to go on with it, or copy it from here.
drafts-empty = Nothing is half written.
draft-no-subject = No subject
draft-words = What you wrote
draft-files = { $n ->
    [one] Get its file
   *[other] Get its { $n } files
}
draft-discard-text = The draft and its files are removed from this device. Nothing was sent. If it is open in a page, the next change there keeps it again.
sites-text = Letterlock works on these sites and looks at no other page.
sites-add = Add your webmail
sites-switch-on = Add
sites-fault = Type the address of your webmail, such as mail.example.org. It has to begin with https.
sites-refused = The browser was not allowed to. Nothing was changed.
site-remove = Remove

## Settings

settings-saved = Kept.
settings-writing = Writing
settings-wkd = Look for keys on the recipients’ domains
settings-wkd-hint = Web Key Directory. The domain learns that somebody asked for the address, not who.
settings-picture = Your picture
settings-here = On this device
lock-after = Lock after
lock-never = never while the browser runs
lock-after-hint = Without use. Locking forgets all keys until you type the passphrase again.
minutes = { $n ->
    [one] one minute
   *[other] { $n } minutes
}
language = Language
language-browser = As the browser
change-passphrase-text = Your keys stay the same; only what opens them changes.
change-passphrase-done = The passphrase is changed. Recovery sheets still work with their own code.
rules = Newer rules for webmails
rules-text = When a webmail changes its pages, newer rules mend Letterlock without a new version. They are taken only with a good signature of the project.
rules-pick = Choose the rules
rules-chosen = Rules chosen
signature-pick = Choose their signature
signature-chosen = Signature chosen
rules-update = Use them
rules-refused = These are not rules as the project signed them, or the signature is of others. The rules in use stay. Load both files again from where the project publishes them.
rules-not-newer = The rules in use are as new as these. Nothing was changed.
rules-done = The newer rules are in use.

## Recovery sheet

sheet-title = Recovery sheet
sheet-text = A page to print and keep in a drawer. With it, and only with it, your keys come back when this device is lost or the passphrase forgotten.
sheet-passphrase = Type your passphrase once more to make it.
sheet-make = Make a recovery sheet
sheet-print = Print
sheet-save = Save the sealed backup
sheet-print-hint = Print it, or copy the code by hand and save the sealed backup. The two open your keys together; keep them where only you look.
paper-title = Letterlock recovery sheet
paper-text = This page opens the keys of { $address }. Keep it like a passport. Whoever has it can read the mail sealed to this address.
paper-code = The code
paper-qr = QR code of the recovery sheet
paper-qr-part = { $n } of { $of }
paper-qr-heading = The same by camera
paper-qr-text = Code and sealed backup in pieces: read them in their order, one text after the other.
paper-use = To use it: install Letterlock, choose “Recovery sheet” at the start, and type the code.

## Failures: what happened, what is safe, what to do

failure-not-set-up = Letterlock is not set up yet. Nothing was changed. Set it up first.
failure-locked = Letterlock is locked. Nothing is lost. Unlock it and try again.
failure-passphrase = This passphrase does not open your keys. Nothing is lost. Try again; capital letters count.
failure-recovery-code = This code does not open this backup. Nothing is lost. Compare it with the sheet, group by group; both must be from the same sheet.
failure-password = This password does not open it. Nothing is lost. Try again; capital letters count.
failure-key-passphrase = This passphrase does not open the key in the file. Nothing was changed. It is the one that the key was saved with; capital letters count.
failure-damaged = This was changed on its way or is damaged. Nothing of it is shown. Ask the sender to send it again.
failure-no-key = It was not sealed to any key you have here. Nothing is wrong with it; ask the sender which key they used.
failure-password-needed = It is sealed with a password. Ask its sender for it.
failure-wrong-kind = This is something else than what is needed here. Nothing was changed. Choose another file or text.
failure-recipient = A recipient has no key that can be used. Nothing was put into the page. Decide about that recipient first.
failure-key-offered = You know another key of this person. This one is laid beside it and not used. Compare both in Contacts before you take it.
failure-key-changed = The key of a recipient has changed. Nothing was put into the page. Compare the keys and decide.
failure-too-large = This is larger than Letterlock takes. Nothing was changed. Try with less.
failure-address = This is not an address. Nothing was changed. Correct it and try again.
failure-not-found = What was asked for is not there any more. Nothing else was changed. Load the page again.
failure-exists = It is there already. Nothing was changed.
failure-offline = The network did not answer. What is on this device is safe. Check your connection and try again.
failure-no-server = No Letterlock server answers at this address. Nothing was changed. Check the address; whoever runs the server can tell you.
failure-server = The server could not prove that it knows your account. Your passphrase was not given away, and nothing was changed. Check the server’s address, or try from another network.
failure-login = Address and passphrase do not fit, says the server. Nothing was changed. Check both; capital letters count.
failure-closed = This server takes no new accounts now. Nothing was changed. Ask the people who run it, or enter an account you have.
failure-taken = Somebody has this address already. Nothing was changed. Choose another one, or enter the account if it is yours.
failure-passphrase-changed = The passphrase of your account was changed on another device. What is on this device is safe. Enter the account again with the new one.
failure-storage = The browser gives no more room. What is kept already is safe. Free some space on this device and try again.
failure-cancelled = Stopped. Nothing was changed.
failure-not-allowed = This is not possible here now. Nothing is lost. Inside a web page, load the page again; publishing a key needs an account on a Letterlock server.
failure-internal = Something went wrong that should not have. What is kept is safe. Try again; if it happens once more, load the page again.
