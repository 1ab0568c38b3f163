# SPDX-License-Identifier: GPL-3.0-or-later
#
# scdoc ends and begins every block with a paragraph (.P), and mandoc warns of each that is empty.
# Here a paragraph waits for its text, outside of the block that ends before it.

/^\.P$/ {
    waiting = !heading
    next
}
/^\.S[HS]/ {
    waiting = 0
}
waiting && !/^\.RE$/ {
    print ".P"
    waiting = 0
}
{
    print
    heading = /^\.S[HS]/
}
