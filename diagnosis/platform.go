package diagnosis

import "strings"

// aliases are other names of platforms that people and programs use. "meta"
// alone is taken for Facebook.
var aliases = map[string]string{
	"facebook":  "meta_facebook",
	"google":    "google_youtube",
	"instagram": "meta_instagram",
	"meta":      "meta_facebook",
	"x":         "twitter",
	"youtube":   "google_youtube",
}

// PlatformID returns the catalogue's id for a platform's name in any case, such
// as "meta_facebook" for "Facebook". A name that it does not know is returned
// as it is, without the spaces around it.
func PlatformID(name string) string {
	name = strings.TrimSpace(name)
	folded := strings.ToLower(name)
	if id, ok := aliases[folded]; ok {
		return id
	}
	if _, ok := knowledge.platforms[folded]; ok {
		return folded
	}
	return name
}
