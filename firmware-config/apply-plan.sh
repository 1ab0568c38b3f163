# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # apply's own variables
# The plan: what is to be done for each file. Part of `apply`, which reads it in.
#
# Each function looks, decides and notes; none changes anything outside $work. What it notes: `staged` (target →
# the file that is to be there), `put_back` (target → the copy of what was there), `removed`, `saved` (name in
# the memory → what is to be copied there first), `dropped` (copies that are needed no more), and `lines` to say.

# --- what is to be there ------------------------------------------------------------------------

condition_holds() {
    local value
    case $1 in
    unless=*) for value in ${options//,/ }; do [[ ,${1#unless=}, != *",$value,"* ]] || return 1; done ;;
    model=*) [[ ,${1#model=}, == *",$model,"* ]] ;;
    if=*) [ -d "$root${1#if=}" ] ;;
    *) refuse "table: the condition $1 is not known" ;;
    esac
}

# --- the plan: a file of the table --------------------------------------------------------------

# Each plan_… looks, decides and notes what is to be done; it changes nothing.

plan_file() { # SET KIND TARGET MODE NEW: NEW is a file that holds what is wanted, or "link:WHERE-TO"
    local set=$1 kind=$2 target=$3 mode=$4 new=$5 path now wanted before=-
    path=$root$target now=$(identity "$path")
    [ "$now" != other ] || { problems+=("$path is in the way: it is no file"); return 0; }
    case $new in link:*) wanted=$new ;; *) wanted=$(identity "$new") ;; esac

    if [ -n "${set_of[$target]+known}" ]; then
        before=${before_of[$target]}
        if [[ $kind == seed || $kind == password || $kind == users ]] && [ "$now" != - ] &&
            [ "$now" != "${written_of[$target]}" ] && [ "$now" != "$(identity_before "$target")" ]; then
            lines+=("kept     $target: you have edited it")
            return 0
        fi
    elif [ "$kind" = seed ] && [ "$now" != - ]; then
        lines+=("kept     $target: it is yours already")
        return 0
    fi

    if [ "$now" = "$wanted" ] && { [ "$mode" = - ] || [ "$(stat -c %a "$path")" = "${mode#0}" ]; }; then
        if [ -z "${set_of[$target]+known}" ]; then
            keep_before "$target"
            before=$free
        fi
        remember "$set" "$kind" "$target" "$before" "$wanted"
        return 0
    fi
    if [ -n "${set_of[$target]+known}" ]; then
        if [ "$now" = - ] || [ "$now" = "$(identity_before "$target")" ]; then
            lines+=("made     $target")
        elif [ "$now" = "${written_of[$target]}" ]; then
            lines+=("renewed  $target")
        else
            keep_edited "$target"
            lines+=("renewed  $target; it had been edited since the last install: that version is $root$STATE/$free")
        fi
    elif [ "$now" = - ]; then
        lines+=("made     $target")
    else
        keep_before "$target"
        before=$free
        lines+=("replaced $target; what was there is $root$STATE/$before")
    fi
    remember "$set" "$kind" "$target" "$before" "$wanted"
    staged[$target]=$new mode_of[$target]=$mode
}

keep_before() {
    free_name "before$1"
    saved[$free]=$1
}

keep_edited() {
    free_name "edited$1"
    saved[$free]=$1
}

# Takes a file of the manifest away, or puts back what was there.
plan_removal() {
    local target=$1 path now before
    path=$root$target now=$(identity "$path") before=${before_of[$1]}
    if [ "$now" = "$(identity_before "$target")" ] && [ "$now" != "${written_of[$target]}" ]; then
        dropped[$before]=yes
    elif [ "$now" != "${written_of[$target]}" ] && [ "$now" != - ]; then
        if [ "$before" = - ]; then
            lines+=("kept     $target: it has been edited since the install")
        else
            lines+=("kept     $target: it has been edited since the install; what was there before is" \
                "         $root$STATE/$before")
        fi
        elif [ "$before" = - ]; then
        [ "$now" = - ] || lines+=("removed  $target")
        removed[$target]=yes
    else
        lines+=("restored $target")
        put_back[$target]=$before dropped[$before]=yes
    fi
    forget "$target"
}

# --- the plan: what is made by chance -----------------------------------------------------------

secrets_make() {
    local password=$root/etc/cantine/mqtt-password users=$root/etc/mosquitto/cantine.passwd
    if [ -s "$password" ]; then
        cp "$password" "$work/password"
    else
        od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$work/password"
    fi
    if [ -s "$password" ] && [ -s "$users" ] && grep -q '^cantine:' "$users"; then
        cp "$users" "$work/users"
        return 0
    fi
    { printf 'cantine:' && cat "$work/password" && echo; } >"$work/users.new"
    mosquitto_passwd -U "$work/users.new"
    { [ ! -s "$users" ] || grep -v '^cantine:' "$users" || true; cat "$work/users.new"; } >"$work/users"
}

# Settings that hold for the whole broker, or whose port may be ours.
readonly CLASHING="listener|port|bind_address|allow_anonymous|password_file|acl_file|per_listener_settings"

broker_check() {
    local file
    [ -d "$root/etc/mosquitto/conf.d" ] ||
        refuse "mosquitto is not installed below ${root:-/}: apt-get install mosquitto, or say BROKER=no"
    command -v mosquitto_passwd >/dev/null ||
        refuse "the program mosquitto_passwd is missing: apt-get install mosquitto, or say BROKER=no"
    [ -e "$root/usr/share/cantine/lobby/index.html" ] ||
        refuse "the lobby page is not there, and mosquitto would not start without its folder:" \
            "first \"make install\" in the project's main folder, or say BROKER=no"
    for file in "$root/etc/mosquitto/mosquitto.conf" "$root"/etc/mosquitto/conf.d/*.conf; do
        case $file in */conf.d/cantine.conf | */conf.d/cantine-tls.conf | *'*'*) continue ;; esac
        [ -f "$file" ] || continue
        if grep -nwE "^[[:space:]]*($CLASHING)" "$file" >"$work/found"; then
            refuse "$file, line $(head -n 1 "$work/found"): this would clash with Cantine's listeners and rules:" \
                "take it away, or say BROKER=no and see mosquitto/ for what to merge"
        fi
    done
}

readonly_check() {
    [ -e "$root/etc/overlayroot.conf" ] || refuse "overlayroot is not installed: apt-get install overlayroot"
    [ -n "$root" ] || [ -e /dev/disk/by-label/cantine-data ] ||
        refuse "there is no partition with the label cantine-data, and without it every member would be" \
            "forgotten at each power cut: readonly/var-lib-cantine.mount says how to make one"
}

kiosk_check() {
    local program
    for program in usr/bin/cage usr/bin/Xwayland usr/bin/chromium; do
        [ -e "$root/$program" ] || [ -e "$root/$program-browser" ] ||
            refuse "/$program is not installed: apt-get install cage xwayland chromium"
    done
}

# --- the plan as a whole ------------------------------------------------------------------------

plan_install() {
    local set kind source target mode conditions condition number=0
    declare -A wanted=()
    if has "$sets" broker; then
        broker_check
        secrets_make
    fi
    ! has "$sets" readonly || readonly_check
    ! has "$sets" kiosk || kiosk_check
    while read -r set kind source target mode conditions; do
        case $set in '' | '#'*) continue ;; esac
        has "$sets" "$set" || continue
        for condition in $conditions; do condition_holds "$condition" || continue 2; done
        wanted[$target]=yes
        number=$((number + 1))
        case $kind in
        link) plan_file "$set" link "$target" - "link:$source" ;;
        password | users) plan_file "$set" "$kind" "$target" "$mode" "$work/$kind" ;;
        file | seed)
            cp "$here/$source" "$work/file.$number"
            plan_file "$set" "$kind" "$target" "$mode" "$work/file.$number"
            ;;
        *) refuse "table: the kind $kind is not known" ;;
        esac
    done <"$here/table"
    for target in "${targets[@]}"; do # what an earlier install or other options had
        if has "$sets" "${set_of[$target]}" && [ -z "${wanted[$target]+here}" ]; then plan_removal "$target"; fi
    done
    for set in $sets; do installed[$set]=''; done
    ! has "$sets" door || installed[door]="$model $options"
}

plan_uninstall() {
    local set index target
    for ((index = ${#targets[@]} - 1; index >= 0; index--)); do
        target=${targets[index]}
        if has "$sets" "${set_of[$target]}"; then plan_removal "$target"; fi
    done
    for set in $sets; do unset "installed[$set]"; done
}

# The nearest folder that exists can be written to.
places_check() {
    local target folder
    for target in "${!staged[@]}" "${!removed[@]}" "${!put_back[@]}" "$STATE/manifest"; do
        folder=$(dirname "$root$target")
        until [ -e "$folder" ]; do folder=$(dirname "$folder"); done
        [ -d "$folder" ] || problems+=("$folder is in the way: it is no folder")
        [ -w "$folder" ] || problems+=("$folder cannot be written to: is it mounted read-only?")
    done
    if [ -z "$root" ] && grep -q '^overlayroot / overlay ' /proc/mounts; then
        problems+=("the root is only in memory (overlayroot), and nothing written there would last: take the word \
overlayroot=… out of $boot/cmdline.txt, restart, and run this again")
    fi
    [ ${#problems[@]} -eq 0 ] || refuse "${problems[0]}; nothing was changed"
}

