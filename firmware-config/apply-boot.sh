# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # apply's own variables
# config.txt and cmdline.txt, which belong to others and in which Cantine has some words. Part of `apply`.

# Lines of config.txt for the model, without explanations.
block_make() {
    local model=$1 word expression=''
    shift
    for word in "$@"; do expression+="s/^#?$word //;"; done
    printf '%s: Cantine on %s; to take it away: make -C firmware-config uninstall\n' "$BEGIN" "$model"
    sed "$expression/^#/d;/^\$/d" "$here/boot/$model.txt"
    printf '%s\n' "$END"
}

block_without() { sed "/^$BEGIN/,/^$END/d" "$1"; }
block_only() { sed -n "/^$BEGIN/,/^$END/p" "$1"; }

# The words of boot/cmdline.txt for a sign and the sets that are given.
words_of() {
    local sign=$1 set
    shift
    for set in "$@"; do
        awk -v set="$set" -v sign="$sign" '$1 == set && $2 == sign {print $3}' "$here/boot/cmdline.txt"
    done
}

# cmdline.txt on stdin; $1: words to take away, $2: words to add, $3: words to put first.
words_edit() {
    awk -v away="$1" -v add="$2" -v first="$3" '
        NR > 1 { print; next }
        {
            sub(/\r$/, "")
            split(away, list, " ")
            for (i in list) gone[list[i]] = 1
            count = split($0, word, " ")
            line = ""
            for (i = 1; i <= count; i++) {
                bare = word[i]
                sub(/,.*/, "", bare)
                if ((bare in gone) || (word[i] in gone)) continue
                here[word[i]] = 1
                line = line (line == "" ? "" : " ") word[i]
            }
            count = split(first, word, " ")
            for (i = count; i >= 1; i--) if (!(word[i] in here)) line = word[i] (line == "" ? "" : " ") line
            count = split(add, word, " ")
            for (i = 1; i <= count; i++) if (!(word[i] in here)) line = line (line == "" ? "" : " ") word[i]
            print line
        }'
}

# The words that one version of the line has and the other hasn't.
words_missing() { comm -23 <(words_listed "$1") <(words_listed "$2") | tr '\n' ' '; }
words_listed() { head -n 1 "$1" | tr -s '[:space:]' '\n' | sort -u; }

# --- the plan: config.txt and cmdline.txt -------------------------------------------------------

# The file as it would be without Cantine: what was there before, or, if somebody has edited it since, that
# without our words. Writes it to $work/base; $base_is names where it comes from: now, before, edited.
base_make() {
    local target=$1 path=$root$1 now first='' written=$root$STATE/written$1
    now=$(identity "$path")
    [ -z "${set_of[$target]+known}" ] || first=$root$STATE/${before_of[$target]}
    if [ -z "${set_of[$target]+known}" ]; then
        cp "$path" "$work/base"
        base_is=now
    elif [ "$now" = "${written_of[$target]}" ] || [ "$now" = "$(identity_before "$target")" ]; then
        cp "$first" "$work/base"
        base_is=before
    else
        base_is=edited
        case $target in
        */config.txt) block_without "$path" >"$work/base" ;;
        *) words_edit "$(words_missing "$written" "$first")" '' "$(words_missing "$first" "$written")" \
            <"$path" >"$work/base" ;;
        esac
    fi
}

# What config.txt or cmdline.txt is to say, from $work/base and the sets that will be installed.
wanted_make() {
    local active=${!installed[*]} words=()
    case $1 in
    */config.txt)
        cp "$work/base" "$2"
        if has "$active" door; then
            read -ra words <<<"${installed[door]}"
            [ -z "$(tail -c 1 "$2")" ] || echo >>"$2"
            block_make "${words[@]}" >>"$2"
        fi
        ;;
    *)
        # shellcheck disable=SC2086 # the sets, word by word
        if [ -n "$(words_of + $active; words_of - $active)" ]; then
            words_edit "$(words_of - $active | tr '\n' ' ')" "$(words_of + $active | tr '\n' ' ')" '' \
                <"$work/base" >"$2"
        else
            cp "$work/base" "$2"
        fi
        ;;
    esac
}

plan_boot_file() {
    local target=$boot/$1 path=$root$boot/$1 new=$work/$1 base_is='' before=''
    base_make "$target"
    wanted_make "$target" "$new"
    if [ "$base_is" = edited ]; then
        lines+=("edited   $target: you have edited it since the last install, and your lines stay; the file from" \
            "         before Cantine is $root$STATE/${before_of[$target]}")
        if [ "$1" = config.txt ] && ! cmp -s <(block_only "$path") <(block_only "$root$STATE/written$target"); then
            keep_edited "$target"
            lines+=("         also between Cantine's own marks, where it is made anew: your version is" \
                "         $root$STATE/$free")
        fi
    fi
    if cmp -s "$new" "$work/base"; then # nothing of ours belongs there
        [ "$base_is" != now ] || return 0
        if [ "$base_is" = before ]; then
            cmp -s "$path" "$work/base" || lines+=("restored $target")
            put_back[$target]=${before_of[$target]} dropped[${before_of[$target]}]=yes
        else
            cmp -s "$path" "$new" || staged[$target]=$new mode_of[$target]=-
        fi
        forget "$target"
        return 0
    fi
    if [ "$base_is" = before ]; then
        before=${before_of[$target]}
    else
        free_name "before$target"
        before=$free
        saved[$free]=$target
        if [ "$base_is" = edited ]; then
            cp "$work/base" "$work/base.$1"
            saved[$free]=$work/base.$1
        fi
    fi
    remember boot edit "$target" "$before" "$(identity "$new")"
    cmp -s "$path" "$new" && return 0
    lines+=("edited   $target; what it was before is $root$STATE/$before")
    staged[$target]=$new mode_of[$target]=-
}

