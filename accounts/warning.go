package accounts

import (
	"iter"
	"time"
)

// marks are how many days before its end an account's people are warned, where
// only they can prevent it.
var marks = [...]int{14, 7, 3, 1}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// sameEnd is how far an end may move and still be the same: platforms tell ends
// as the seconds that are left.
const sameEnd = time.Hour

// armed notes the end that the account is to be warned of. If it is another
// than before, all marks are ahead again, except those before half of the
// clock's life: as with EXPIRING_SOON, nothing is born warned. A clock whose
// beginning is not known begins now.
func (e Evidence) armed(now time.Time) Evidence {
	_, ends, began := e.expiry()
	if ends.Sub(e.warnedOf).Abs() < sameEnd {
		return e
	}
	if began.IsZero() {
		began = now
	}
	e.warnedOf, e.warnedMark = ends, 0
	for _, n := range marks {
		if days(n) > ends.Sub(began)/2 {
			e.warnedMark = n
		}
	}
	return e
}

// warns reports whether at some moment the end is one that only a person can
// prevent, and the account is not over yet. A token that renews itself is due to
// do so first.
func (e Evidence) warns(at time.Time) bool {
	_, ends, _ := e.expiry()
	return e.Verdict == "" && at.Before(ends) && (!e.RenewsItself || at.After(e.NextRefresh))
}

// markReached returns the last mark at or before now that nobody was warned at,
// in days, and when it was; 0 if there is none.
func (e Evidence) markReached(now time.Time) (mark int, at time.Time) {
	if !e.warns(now) {
		return 0, time.Time{}
	}
	for n, moment := range e.marksAhead() {
		if !now.Before(moment) {
			mark, at = n, moment
		}
	}
	return mark, at
}

// marksAhead are the marks that nobody was warned at, and when they are, the
// earliest first.
func (e Evidence) marksAhead() iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		_, ends, _ := e.expiry()
		for _, n := range marks {
			at := ends.Add(-days(n))
			if (e.warnedMark == 0 || n < e.warnedMark) && e.warns(at) && !yield(n, at) {
				return
			}
		}
	}
}
