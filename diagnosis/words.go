package diagnosis

import "strings"

// The vocabulary of the rules: groups of words for one thing, as platforms,
// their SDKs and people write them. They are folded like any text (see fold),
// match from the start of a word on, so that "expire" is "expired", too, unless
// a space ends them, and are combined by pattern.all.
//
// Dialogs come in the language of the person's account. The words are those of
// the dialogs and of the messages that people paste, in English, German,
// French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish, Russian,
// Japanese, Chinese, Korean and Arabic, as far as they differ.
//
//nolint:misspell // They are not all English.
var (
	// Things.
	redirectWords = oneOf(
		"redirect uri|redirect url|redirect link|redirect address|redirecturi|redirecturl|redirection uri|redirection url|callback uri|callback url|callback address|return url|reply url|oauth redirect",
		"umleitungs uri|umleitungs url|weiterleitungs uri|weiterleitungs url|weiterleitungsadresse|rückruf url|uri de redirection|url de redirection|url de rappel|adresse de redirection|uri de redirección|url de redirección|uri de redireccionamiento|url de redireccionamiento|url de retorno",
		"uri de redirecionamento|url de redirecionamento|uri di reindirizzamento|url di reindirizzamento|omleidings uri|omleidings url|uri przekierowania|adres przekierowania|yönlendirme uri|yönlendirme url|uri перенаправления|url перенаправления|адрес перенаправления|uri переадресации",
		"リダイレクト|重定向|重新導向|回调地址|回调域|回調|리디렉션|리다이렉트|إعادة التوجيه",
	)
	domainWords = oneOf(
		"domain|domaine|dominio|domínio|domein|domena|alan adı|домен|ドメイン|域名|網域|도메인|نطاق",
	)
	appDomainWords = oneOf(
		"apps domains|app domains|domains of this app|domains of the app|application domains|domänen der app|app domänen|domaines de l app|domaines d app|dominios de la app|dominios de la aplicación|domínios do app|domínios do aplicativo|domini dell app",
		"domeinen van deze app|appdomeinen|domeny aplikacji|uygulamanın alan adları|домены приложения|доменов приложения|アプリのドメイン|应用域名|应用的域名|應用程式網域|앱 도메인|앱의 도메인|نطاقات التطبيق",
	)
	urlBlockedWords = oneOf(
		"url blocked|blocked url|uri blocked|url is blocked|cant load url|cannot load url|unable to load url|could not load url|url not allowed|given url is not allowed",
		"url blockiert|url gesperrt|url kann nicht geladen|url konnte nicht geladen|url bloquée|url bloqué|impossible de charger l url|impossible de charger url|url bloqueada|url bloqueado|no se puede cargar la url|no se pudo cargar la url|não é possível carregar|não foi possível carregar a url",
		"url bloccato|url bloccata|impossibile caricare l url|impossibile caricare url|url geblokkeerd|url kan niet worden geladen|adres url zablokowany|nie można załadować adresu url|url engellendi|url yüklenemiyor|url заблокирован|url адрес заблокирован|не удается загрузить url|не удалось загрузить url",
		"urlがブロック|urlはブロック|urlを読み込め|url がブロック|url を読み込め|网址已被屏蔽|网址被屏蔽|无法加载网址|無法載入網址|網址已遭封鎖|網址遭到封鎖|url이 차단|url 차단|url을 불러올 수 없|تم حظر عنوان|لا يمكن تحميل عنوان",
	)
	stateWords = oneOf(
		"state parameter|oauth state|oauth2 state|state|csrf|xsrf|anti forgery|request token|oauth token verifier|correlation|nonce|zustand|paramètre d état|état oauth|parámetro de estado|parámetro state|parâmetro de estado|parâmetro state|parametro di stato|параметр state|状態パラメータ|状态参数|狀態參數",
	)
	cookieWords = oneOf("cookie|cookies|session cookie|sitzungscookie|кук|クッキー|쿠키")
	codeWords   = oneOf(
		"authorization code|authorisation code|auth code|verification code|oauth code|grant code|authorizationcode|autorisierungscode|code d autorisation|código de autorización|código de autorização|codice di autorizzazione|autorisatiecode|kod autoryzacji|yetkilendirme kodu|код авторизации",
		"認可コード|認証コード|授权码|授權碼|인증 코드|رمز التفويض",
	)
	pkceWords    = oneOf("code verifier|code challenge|codeverifier|codechallenge|pkce")
	refreshWords = oneOf(
		"refresh token|refresh tokens|refreshtoken|aktualisierungstoken|jeton d actualisation|jeton de rafraîchissement|token de actualización|token de atualização|token di aggiornamento|vernieuwingstoken|token odświeżania|yenileme jetonu|токен обновления|リフレッシュトークン|更新トークン|刷新令牌|更新令牌|重新整理權杖|새로고침 토큰|갱신 토큰",
	)
	tokenWords = oneOf(
		"access token|accesstoken|access tokens|oauth token|bearer token|user token|page token|token|tokens|session|session key|login session|credentials have|your login|sign in has|connection has|connection to",
		"zugriffstoken|zugangstoken|sitzung|anmeldung ist|verbindung ist|jeton d accès|jeton|connexion a|token de acceso|sesión|token de acesso|sessão|token di accesso|sessione|toegangstoken|sessie|token dostępu|sesja|erişim jetonu|oturum|токен|маркер доступа|сесси|сеанс",
		"アクセストークン|トークン|セッション|访问令牌|令牌|会话|存取權杖|權杖|憑證|工作階段|액세스 토큰|토큰|세션|رمز الوصول|الجلسة",
	)
	accessTokenWords = oneOf(
		"access token|accesstoken|oauth token|bearer token|user token|page token|api token|id token|zugriffstoken|zugangstoken|jeton d accès|token de acceso|token de acesso|token di accesso|toegangstoken|token dostępu|erişim jetonu|токен доступа|маркер доступа|アクセストークン|访问令牌|存取權杖|액세스 토큰|رمز الوصول",
	)
	grantWords = oneOf(
		"token|tokens|access|permission|permissions|authorization|authorisation|oauth|grant|consent|app|application|user|connection|zugriff|berechtigung|zugang|accès|autorisation|jeton|acceso|autorización|permiso|acesso|autorização|accesso|autorizzazione|toegang|dostęp|erişim|доступ|разрешение|токен",
		"アクセス|権限|許可|授权|权限|授權|權限|存取|액세스|권한|연동|الوصول",
	)
	scopeWords = oneOf(
		"scope|scopes|oauth scope|berechtigungsbereich|portée|portées|étendue|alcance|alcances|ámbito|ámbitos|escopo|escopos|ambito|ambiti|bereik|zakres|zakresy|kapsam|область|области|スコープ|作用域|授权范围|權限範圍|범위",
	)
	permissionWords = oneOf(
		"permission|permissions|scope|scopes|privilege|privileges|access rights|admin rights|rights|role|berechtigung|berechtigungen|rechte|autorisation|autorisations|droits|permiso|permisos|permissão|permissões|permesso|permessi|autorizzazioni|toestemming|machtiging|rechten|uprawnień|uprawnienia|izin|izni|izinler|yetki|разрешени|прав|полномочи",
		"権限|许可|权限|權限|권한|إذن|أذونات|صلاحي",
	)
	clientWords = oneOf(
		"client secret|client id|client identifier|client key|clientsecret|clientid|app id|app secret|app key|appid|appsecret|application id|application key|application secret|consumer key|consumer secret|api key|api keys|api secret|client credentials|app credentials|application credentials|oauth credentials|oauth client|client authentication|client info",
		"app geheimnis|app geheimcode|anwendungs id|client geheimnis|identifiant client|id de l app|id de l application|identifiant de l app|identifiant d app|clé secrète|secret client|id de cliente|id de la app|identificador de la app|identificador de la aplicación|clave secreta|secreto de cliente|id do cliente|id do aplicativo|chave secreta|segredo do cliente|id client|id dell app|chiave segreta|client geheim|identyfikator klienta|identyfikator aplikacji|istemci kimliği|uygulama kimliği|идентификатор клиента|идентификатор приложения|секретный ключ|секрет клиента",
		"クライアントid|クライアント id|クライアントシークレット|アプリid|アプリ id|客户端id|客户端 id|客户端密钥|应用id|应用 id|應用程式編號|用戶端編號|用戶端密碼|클라이언트 id|클라이언트 보안|앱 id|معرف التطبيق",
	)
	appWords = oneOf(
		"app|apps|application|applications|client|oauth client|developer app|api project|anwendung|appli|aplicación|aplicativo|aplicação|applicazione|applicatie|toepassing|aplikacja|aplikacji|uygulama|приложени|アプリ|应用|應用程式|앱이|앱은|앱을|앱에|이 앱|التطبيق",
	)
	userWords = oneOf(
		"user|users|you|resource owner|member|owner|person|customer|the login|login was|authorization was|consent was|benutzer|nutzer|anwender|utilisateur|vous|membre|usuario|propietario|usuário|utente|gebruiker|użytkownik|kullanıcı|пользовател",
		"ユーザー|用户|用戶|使用者|사용자|المستخدم",
	)
	consentWords = oneOf(
		"access|permission|permissions|request|authoriz|authoris|authentication|consent|login|log in|sign in|signin|connect|dialog|approval|zugriff|anmeldung|zustimmung|anfrage|autorisierung|accès|demande|autorisation|connexion|acceso|solicitud|autorización|permiso|inicio de sesión|acesso|solicitação|autorização|accesso|richiesta|autorizzazione|toegang|verzoek|autorisatie|dostęp|żądanie|erişim|istek|isteği|доступ|запрос|авторизаци|вход",
		"アクセス|リクエスト|認可|承認|ログイン|请求|授权|登录|授權|登入|要求|액세스|요청|승인|로그인|الوصول|الطلب",
	)
	accountWords = oneOf(
		"account|accounts|user|profile|page|channel|konto|nutzer|profil|seite|compte|page|chaîne|cuenta|perfil|canal|conta|account|pagina|canale|accountbeheer|hesap|hesabı|konto|аккаунт|учетная запись|профиль|страница|канал",
		"アカウント|账号|账户|帐号|帳號|帳戶|계정|الحساب",
	)
	limitWords = oneOf(
		"rate limit|ratelimit|rate limits|request limit|usage limit|call limit|daily limit|hourly limit|posting limit|post limit|upload limit|api limit|limit|limits|quota|quotas|allowance|usage cap|user cap|monthly cap|posting cap|post cap|spending cap|throttl|anfragelimit|ratenlimit|ratenbegrenzung|kontingent|tageslimit|limite|limites|quotas|límite|límites|cuota|limite de taxa|cota|limiti|limiet|limit zapytań|limit|limiti|sınır|лимит|квота|ограничение",
		"レート制限|制限|上限|割り当て|频率限制|限制|配额|上限|频率|頻率|配額|한도|할당량|제한|حد الطلبات|الحد الأقصى",
	)
	requestWords = oneOf(
		"request|requests|calls|call|api calls|attempts|tries|posts|tweets|times|logins|messages|anfragen|anmeldeversuche|versuche|requêtes|demandes|tentatives|appels|solicitudes|peticiones|intentos|solicitações|requisições|tentativas|richieste|tentativi|verzoeken|aanvragen|pogingen|żądań|zapytań|prób|istek|deneme|запросов|попыток",
		"リクエスト|要求|请求|要求|요청|시도|الطلبات",
	)
	serviceWords = oneOf(
		"service|server|servers|system|platform|api|site|website|backend|we are|were|our end|dienst|der dienst|serveur|service|servicio|servidor|serviço|servizio|server|dienst|serwer|usługa|sunucu|hizmet|сервис|сервер|служба",
		"サービス|サーバー|服务|服务器|伺服器|服務|서비스|서버|الخدمة",
	)

	// What is the matter with them.
	mismatchWords = oneOf(
		"not a valid|match|matches|matching|mismatch|missmatch|no match|not matched|not registered|unregistered|not allowed|disallowed|not permitted|not whitelisted|whitelist|white list|white listed|allow list|allowlist|not valid|invalid|not authoriz|unauthoriz|not configured|not found|not listed|not included|not approved|not accepted|not recognized|not trusted|wrong|differ|different|differs|identical|must be|has to be|missing|not the same|mistyped|incorrect|release list|no redirect|not present|not in|isnt in|rejected|unsupported",
		"stimmt nicht|nicht überein|ungültig|nicht erlaubt|nicht zugelassen|nicht zulässig|nicht registriert|nicht auf der|fehlt|falsch|abweich|ne correspond|correspond pas|non autorisé|invalide|pas valide|pas autorisé|liste blanche|incorrect|no coincide|no coinciden|no válido|no válida|no permitid|no está|no autorizad|incorrecto|lista blanca|não corresponde|não coincide|inválid|não permitid|não está|não autorizad|incorret",
		"non corrisponde|non valid|non consentit|non autorizzat|errat|komt niet overeen|ongeldig|niet toegestaan|niet geregistreerd|onjuist|niezgodn|nie pasuje|nieprawidłow|niedozwolon|eşleşmiyor|geçersiz|izin verilm|не совпадает|не соответствует|недействител|неверн|не разрешен|недопустим|некорректн|белый список",
		"一致しません|一致しない|無効|登録されていません|不正|许可|不匹配|无效|不一致|不符|未注册|无法识别|不正確|無效|未授權|일치하지|유효하지|잘못된|등록되지|غير صالح|لا يتطابق|غير مدرج",
	)
	lostWords = oneOf(
		"mismatch|mismatching|not match|doesnt match|does not match|didnt match|did not match|not equal|not matching|no match|differ|missing|is invalid|invalid|not valid|expired|not found|not present|was lost|tampered|verification failed|validation failed|could not be verified|cannot be verified|was never|no longer valid|already used|already been used|detected|unexpected|incorrect",
		"stimmt nicht|nicht überein|ungültig|fehlt|abgelaufen|ne correspond|manquant|invalide|expiré|no coincide|falta|no válido|inválid|caducad|não corresponde|ausente|non corrisponde|mancante|non valido|scadut|ongeldig|verlopen|ontbreekt|nieprawidłow|brak|geçersiz|eşleşmiyor|не совпадает|недействител|отсутствует|неверн|истек",
		"一致しません|無効|不足|見つかりません|不匹配|无效|缺少|丢失|過期|过期|不符|無效|일치하지|유효하지|누락|غير صالح|منتهي",
	)
	deadWords = oneOf(
		"expired|expire|used|consumed|redeemed|already|invalid|not valid|no longer valid|not found|unknown|bad|malformed|incorrect|wrong|revoked|reused|cannot be reused|unrecognized",
		"abgelaufen|verwendet|benutzt|ungültig|expiré|utilisé|invalide|caducad|expirad|usado|utilizado|no válido|inválid|expirou|scadut|usato|utilizzato|non valido|verlopen|gebruikt|ongeldig|wygasł|użyty|nieprawidłow|süresi doldu|kullanıl|geçersiz|истек|использован|недействител|неверн",
		"期限切れ|有効期限|使用済み|使用され|無効|过期|已使用|已被使用|失效|无效|過期|無效|만료|이미 사용|유효하지|منتهي|مستخدم|غير صالح",
	)
	expiredWords = oneOf(
		"expired|has expired|is expired|have expired|expires|expiration|expiry|timed out or|ended|lapsed|out of date|no longer valid|past its",
		"abgelaufen|läuft ab|expiré|arrivé à expiration|a pris fin|caducad|caducó|ha caducado|vencid|expirad|expiró|expirou|venceu|scadut|è scaduto|verlopen|wygasł|süresi doldu|süresi dolmuş|истек|истекл|просрочен|устарел",
		"期限切れ|有効期限|期限が切れ|失効|过期|已过期|失效|過期|已失效|逾期|만료|انتهت صلاحية|منتهي",
	)
	refusedWords = oneOf(
		"invalid|not a valid|isnt a valid|not valid|isnt valid|malformed|cannot parse|could not be parsed|could not be decrypted|bad|is wrong|incorrect|unauthorized|unauthorised|refused|rejected|not accepted|not recognized|unknown|no longer works|no longer valid|no longer active|dead|inactive|corrupt",
		"ungültig|nicht gültig|invalide|non valide|no válid|no es válid|inválid|não é válid|non valid|ongeldig|nieprawidłow|geçersiz|недействител|неверн|недопустим|無効|不正|无效|失效|無效|유효하지|잘못된|غير صالح",
	)
	revokedWords = oneOf(
		"revoked|revoke access|withdrawn|deauthorized|deauthorised|deauthorize|de authorized|unauthorized by the user|removed by the user|removed the app|removed access|uninstalled|disconnected the app|taken away|logged out|no longer authoriz|no longer grants|not authorized application|has not authorized|cancelled by the user after",
		"widerrufen|entzogen|entfernt|révoqué|retiré|revocad|retirad|anulad|revogad|removid|revocat|rimoss|ingetrokken|verwijderd|cofnięt|odwołan|iptal edildi|kaldırıl|отозван|удален доступ|отменен доступ",
		"取り消され|取消され|解除され|失効しました|被撤销|已撤销|撤銷|取消授权|取消了授权|解除授權|철회|해제되었|취소되었|تم إلغاء",
	)
	passwordWords = oneOf("password|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|hasło|hasła|şifre|пароль|пароля|パスワード|密码|密碼|비밀번호|كلمة المرور")
	changedWords  = oneOf(
		"changed|was reset|has been reset|been changed|geändert|zurückgesetzt|a été modifié|a changé|modifié|cambió|ha cambiado|cambiado|cambiada|alterou|alterada|mudou|cambiato|cambiata|modificato|modificata|gewijzigd|veranderd|zmienił|zmienione|değiştir|изменил|изменен|сменил|変更|更改|修改|변경|تغيير",
	)
	lackingWords = oneOf(
		"insufficient|not enough|missing|lack|lacks|lacking|required|require|requires|need|needs|needed|not granted|hasnt been granted|not been granted|denied|do not have|dont have|doesnt have|does not have|did not grant|didnt grant|did not authorize|without|not authorized to|not allowed to|no permission|cannot be accessed|have been removed|not permitted|inadequate|sufficient",
		"fehlt|fehlen|fehlende|unzureichend|nicht genügend|nicht ausreichend|erforderlich|benötigt|keine|manquant|insuffisant|nécessaire|requis|n avez pas|ne dispose pas|pas les|refusé|insuficiente|falta|faltan|no tiene|no tienes|necesari|se requiere|requerid|denegad|não tem|não possui|necessári|negad|obrigatóri",
		"mancante|mancano|necessari|richiest|non hai|non dispone|onvoldoende|ontbreekt|ontbreken|vereist|nodig|geen|brak|niewystarczając|wymagan|yetersiz|gerekli|eksik|yok|недостаточно|нет|требуется|отсутству|не хватает|необходим",
		"不足|必要|ありません|没有|缺少|不足|无权|需要|沒有|缺乏|없습니다|필요|부족|مطلوب|لا تملك|ليس لديك",
	)
	badScopeWords = oneOf(
		"invalid|not a valid|isnt a valid|unknown|not authorized|not authorised|unauthorized|unsupported|not supported|malformed|does not exist|doesnt exist|not allowed|not recognized|not recognised|not available|not approved|not enabled|not valid|cannot be shown|no longer|deprecated|retired|not permitted|exceed|not assigned|not in the",
		"ungültig|nicht zugelassen|nicht erlaubt|unbekannt|invalide|non autorisé|inconnu|no válid|no autorizad|desconocid|inválid|não autorizad|non valid|non autorizzat|ongeldig|niet toegestaan|nieprawidłow|geçersiz|недопустим|недействител|неизвестн|無効|不正|不明|无效|未授权|不存在|無效|유효하지|잘못된|غير صالح",
	)
	badClientWords = oneOf(
		"invalid|incorrect|wrong|missing|not found|unknown|does not exist|doesnt exist|could not be found|failed|mismatch|not match|doesnt match|not valid|isnt valid|unauthorized|unregistered|not registered|deleted|disabled|empty|not set|unset|undefined|required|not provided|was provided|not configured|look like a valid|illegal|malformed|not recognized|not exist|no such|bad",
		"ungültig|falsch|fehlt|nicht gefunden|unbekannt|incorrect|manquant|introuvable|invalide|incorrect|no válid|incorrect|no existe|no encontrad|falta|inválid|incorret|não encontrad|ausente|non valid|errat|non trovat|mancante|ongeldig|onjuist|niet gevonden|ontbreekt|nieprawidłow|nie znaleziono|geçersiz|bulunamadı|неверн|недействител|не найден|отсутству",
		"無効|正しくありません|見つかりません|无效|错误|不正确|不存在|缺少|無效|錯誤|유효하지|잘못된|찾을 수 없|غير صالح|غير صحيح",
	)
	unapprovedWords = oneOf(
		"not approved|not been approved|not verified|not been verified|hasnt verified|has not verified|hasnt been verified|isnt verified|unverified|unapproved|not reviewed|not been reviewed|under review|in review|pending review|app review|pending approval|awaiting approval|waiting for approval|development mode|dev mode|sandbox mode|test mode|testing mode|in testing|is under testing|not live|isnt live|must be live|not active|isnt active|inactive|not published|unpublished|not audited|unaudited|audit|isnt available|not available for|currently unavailable|completed the google verification|passed google verification|google verification process|currently being tested|being tested|only available to testers|approved testers|not set up|not setup|not enrolled|not whitelisted for|not allowed to call|advanced access|standard access|elevated access|deactivated due to inactivity|access deactivated|attached to a project|not a tester|tester",
		"nicht überprüft|nicht verifiziert|nicht genehmigt|nicht freigegeben|entwicklungsmodus|nicht aktiv|wird derzeit getestet|wird gerade getestet|überprüfungsprozess|überprüfung durch google|nicht abgeschlossen|mode développement|mode de développement|pas active|n est pas active|en cours de test|en phase de test|procédure de validation|processus de validation|pas été validé|pas vérifié|pas encore été approuv",
		"modo de desarrollo|modo desarrollo|no está activa|no ha completado|no ha superado|proceso de verificación|en fase de prueba|se está probando|no verificad|no aprobad|modo de desenvolvimento|não concluiu|processo de verificação|em teste|em fase de teste|sendo testado|não verificad|não aprovad|não está ativo|modalità sviluppo|modalità di sviluppo|non è attiva|non ha completato|procedura di verifica|in fase di test|in fase di prova|non verificat|non approvat|ontwikkelmodus|ontwikkelingsmodus|niet geverifieerd|niet goedgekeurd|verificatieproces|wordt getest|trybie deweloperskim|nie przeszła|weryfikacji|w fazie testów|geliştirme modunda|doğrulama sürecini|test ediliyor|режиме разработки|не прошло|проверку google|процедуру проверки|тестируется|на этапе тестирования|не активно|не одобрен",
		"開発モード|審査|確認プロセス|検証プロセス|テスト中|承認されていません|未承認|开发模式|开发者模式|未通过|验证流程|审核|测试阶段|正在测试|未上线|尚未完成|開發模式|驗證程序|測試|審查|未獲核准|개발 모드|개발모드|인증 절차|확인 절차|테스트 중|승인되지|심사|وضع التطوير|عملية التحقق",
	)
	deniedWords = oneOf(
		"denied|declined|cancelled|canceled|cancel|rejected|refused|dismissed|aborted|closed the|not now|did not allow|didnt allow|did not approve|did not authorize|said no|abgelehnt|abgebrochen|verweigert|refusé|annulé|denegó|ha denegado|rechazó|ha rechazado|canceló|ha cancelado|denegad|rechazad|cancelad|negou|recusou|cancelou|negad|recusad|negato|annullato|rifiutato|geweigerd|geannuleerd|afgewezen|odmówił|anulował|odrzuci|reddetti|reddedildi|iptal etti|отказал|отклонил|отменил|отклонен|отменен",
		"拒否|キャンセル|拒绝|取消|拒絕|거부|취소|رفض|ألغى",
	)
	exceededWords = oneOf(
		"exceeded|exceeds|exceed|reached|hit|surpassed|too many|too fast|exhausted|used up|depleted|overschritten|is up|try again later|slow down|in effect",
		"überschritten|erreicht|ausgeschöpft|atteint|dépassé|épuisé|alcanzad|superad|excedid|agotad|atingid|excedeu|excedid|esgotad|raggiunt|superat|esaurit|bereikt|overschreden|przekroczon|osiągnięt|wyczerpan|aşıldı|ulaşıl|doldu|превышен|достигнут|исчерпан",
		"超え|超過|達し|达到|超过|超出|超限|已满|用完|達到|超過|已達|초과|도달|تجاوز|وصلت",
	)
	tooManyWords = oneOf("too many|zu viele|trop de|demasiad|muitas|muitos|troppe|troppi|te veel|zbyt wiele|za dużo|çok fazla|слишком много|多すぎ|过多|太多|过于频繁|频繁|過多|頻繁|너무 많|كثيرة جدا|عدد كبير")
	failureWords = oneOf(
		"error|fail|exception|invalid|denied|refus|reject|wrong|problem|cannot|cant|could not|couldnt|unable|not |missing|expired|revoked|forbidden|unauthorized|blocked|limit|timeout|timed out|fatal|traceback|abort|crash|null|undefined|fehler|ungültig|verweigert|nicht|erreur|échec|impossible|fallo|falló|no se pudo|erro|falha|errore|fout|mislukt|błąd|hata|ошибка|не удалось",
		"エラー|失敗|できません|错误|失败|無法|錯誤|오류|실패|خطأ|فشل",
	)
	downWords = oneOf(
		"unavailable|temporarily|down for|is down|overloaded|over capacity|maintenance|not responding|technical difficult|technical problem|technical issue|internal error|having trouble|having issues|outage|experiencing|try again in a|busy|degraded",
		"nicht verfügbar|vorübergehend|überlastet|wartung|technische probleme|störung|indisponible|temporairement|momentanément|surchargé|problème technique|no disponible|no está disponible|temporalmente|mantenimiento|problemas técnicos|indisponível|temporariamente|manutenção|non disponibile|temporaneamente|momentaneamente|manutenzione|niet beschikbaar|tijdelijk|storing|onderhoud|niedostępn|tymczasowo|kullanılamıyor|geçici|недоступ|временно|перегружен|технические работы",
		"利用できません|一時的|メンテナンス|混雑|不可用|暂时|繁忙|维护|無法使用|暫時|忙碌|維護|사용할 수 없|일시적|점검|غير متاح|مؤقت",
	)
	restrictedWords = oneOf(
		"suspended|locked|restricted|blocked|disabled|banned|limited|deactivated|frozen|flagged|under review for|compromised|violat|unusual activity|suspicious|checkpoint|challenge|terminated|closed",
		"gesperrt|eingeschränkt|deaktiviert|suspendu|bloqué|restreint|désactivé|suspendid|bloquead|restringid|limitad|inhabilitad|desactivad|suspens|desativad|sospes|bloccat|limitat|disattivat|geblokkeerd|opgeschort|beperkt|uitgeschakeld|zablokowan|zawieszon|askıya|kilitlen|kısıtlan|engellen|заблокирован|ограничен|приостановлен|отключен",
		"停止|凍結|制限|ロック|无效化|封禁|冻结|锁定|停用|限制|封锁|停權|凍結|鎖定|정지|차단|제한|잠금|تم تعليق|محظور|مقيد",
	)
	verifyWords = oneOf(
		"verify|confirm|prove|checkpoint|challenge|security check|log in to www|log into|log in at|please log in to|bestätige|verifizier|confirmez|vérifiez|confirma|verifica|confirme|verifique|conferma|bevestig|verifieer|potwierdź|doğrula|подтверд",
		"確認して|本人確認|验证|確認|驗證|인증|확인",
	)
	selfWords = oneOf(
		"your account|your identity|identity|its you|unusual login|unusual activity|suspicious activity|suspicious login|security|unlock|konto|identität|votre compte|identité|tu cuenta|su cuenta|identidad|sua conta|il tuo account|identità|je account|identiteit|tożsamość|kimliğin|личность|учетную запись|аккаунт",
		"アカウント|本人|身份|账号|帳號|身分|계정|본인",
	)
	noneWords = oneOf(
		"no |none |any |without |not have|dont have|doesnt have|could not find|couldnt find|zero |not linked|not connected|keine |kein |aucun|ningún|ninguna|nenhum|nenhuma|nessun|geen |brak |nie znaleziono|yok |нет |не найден",
		"ありません|見つかりません|没有|未找到|找不到|沒有|없습니다|찾을 수 없|لا توجد|لم يتم العثور",
	)
	placeWords = oneOf(
		"page|pages|facebook page|facebook pages|channel|channels|youtube channel|board|boards|business account|business accounts|instagram account|instagram accounts|professional account|company page|organization|organizations|organisations|seite|seiten|kanal|kanäle|pages facebook|chaîne|chaînes|página|páginas|canal|canales|canais|pagina|pagine|canale|pagina s|kanaal|strona|strony|stron|kanał|sayfa|kanal|страниц|канал",
		"ページ|チャンネル|主页|公共主页|频道|粉絲專頁|頻道|페이지|채널|صفحة|صفحات|قناة",
	)
	foundWords = oneOf(
		"found|available|linked|connected|manage|administer|admin of|access to|associated|to connect|own|gefunden|verwalte|trouvé|gérez|encontr|administra|gerencia|trovat|gestisc|gevonden|beheer|znaleziono|zarządza|bulunamadı|найден|управля",
		"見つかり|ありません|找到|没有|沒有|찾을|없습니다|العثور|توجد",
	)
	googleBlockedWords = oneOf(
		"access blocked|access denied|authorization error|zugriff blockiert|zugriff verweigert|autorisierungsfehler|acceso bloqueado|acceso denegado|error de autorización|acesso bloqueado|acesso negado|erro de autorização|accès bloqué|accès refusé|erreur d autorisation|accesso bloccato|accesso negato|errore di autorizzazione|toegang geblokkeerd|toegang geweigerd|dostęp zablokowany|erişim engellendi|доступ заблокирован|ошибка авторизации",
		"アクセスをブロック|アクセス ブロック|認証エラー|禁止访问|已阻止访问|访问权限已遭阻止|授权错误|已封鎖存取權|存取遭拒|授權錯誤|액세스 차단|승인 오류|تم حظر الوصول",
	)
	professionalWords = oneOf(
		"business account|professional account|creator account|instagram business|business or creator|geschäftskonto|professionelles konto|unternehmenskonto|compte professionnel|compte business|cuenta profesional|cuenta de empresa|cuenta comercial|conta profissional|conta comercial|conta empresarial|account professionale|account aziendale|zakelijk account|professioneel account|konto firmowe|konto profesjonalne|işletme hesabı|profesyonel hesap|бизнес аккаунт|профессиональный аккаунт",
		"プロアカウント|ビジネスアカウント|专业账户|商业账户|企业账户|專業帳號|商業帳號|비즈니스 계정|프로페셔널 계정|حساب احترافي|حساب نشاط",
	)
	notYetWords = oneOf(
		"not|isnt|must|needs|need to|only|convert|switch|change|personal|required|please|kein|nicht|umwandeln|muss|pas|doit|convert|passez|no es|debe|cambia|não é|deve|mude|non è|deve|passa a|geen|moet|nie jest|musi|değil|geç|не является|должен|переключ",
		"ではありません|必要|切り替え|不是|必须|切换|轉換|必須|아닙니다|전환|ليس|يجب",
	)
	parameterWords = oneOf(
		"parameter|parameters|field|fields|argument|arguments|header|property|param|query|payload|request body|json|parámetro|parâmetro|paramètre|parametro|параметр|パラメータ|参数|參數|매개변수",
	)
	faultyWords = oneOf(
		"missing|required|invalid|malformed|unknown|unsupported|nonexisting|not found|not valid|unexpected|cannot be blank|must be|must not|illegal|not allowed|bad|fehlt|ungültig|manquant|invalide|falta|no válido|inválido|ausente|mancante|non valido|ongeldig|ontbreekt|отсутствует|недопустим|неверн",
		"必要|無効|不足|缺少|无效|不合法|無效|누락|잘못된",
	)
	oldWords = oneOf("deprecated|retired|sunset|no longer supported|no longer active|not active|does not exist|nonexistent|removed|end of life|obsolete|out of date|too old|veraltet|obsolète|obsolet|устарел")
	apiWords = oneOf("api version|version|endpoint|api|graph api|method|app to continue")

	// Turns of phrase that single rules look for.
	noCookieWords = oneOf(
		"missing|not found|not present|deleted|expired|absent|lost|fehlt|manquant|falta|mancante|ontbreekt|blocked|disabled|third party|rejected|not sent|not set|turned off|deaktiviert|blockiert|bloqués|désactivés|bloqueadas|bloccati",
		"заблокирован|ブロック|被阻止|禁用",
	)
	usedWords           = "already been used|already used|has been used|was used twice|been reused|schon verwendet|déjà été utilisé|ya se ha utilizado|já foi utilizado"
	settingWords        = "provider|config|configuration|issuer|endpoint|environment variable|env"
	unsetWords          = "is missing|missing|undefined|not configured|not defined|not set|misconfigured"
	inviteWords         = "invite|invitation|tester|testers|test user|test users|einladung|invitación|convite|招待|邀请|초대"
	inviteOpenWords     = "accept|accepted|not added|add|only|must be|is not a|isnt a|not been|list|annehmen|angenommen|aceptad|aceit|承認|接受|수락"
	tierWords           = "access level|access tier|api access|elevated access|api plan|api product|basic tier|free tier"
	tierLowWords        = "different|upgrade|higher|need|limited|subset|not include|not included|requires|required|enroll|not available|blocked|deactivated|restricted"
	disabledWords       = "not enabled|has not been used|is disabled|not activated|not been enabled|enable it|enable the|turned off|nicht aktiviert|pas activée|no está habilitada|não está ativada|no habilitad|não foi usad|no se ha usado"
	linkedThingWords    = "account|instagram|page|seite|compte|cuenta|conta"
	notLinkedWords      = "not linked|isnt linked|not connected to a|must be linked|link it to|not associated|nicht verknüpft|pas associé|pas lié|no está vinculad|não está vinculad"
	notGivenWords       = "required|is missing|missing|not provided|not supplied|was supplied|is empty|must be provided|must be set|undefined|null"
	worksWords          = "works|worked|working|fine|funktioniert|fonctionne|funciona"
	spanWords           = "hour|hours|minutes|days|week|weeks|month|stunden|heures|horas"
	againWords          = "again|reauthorize|re authorize|reconnect|relogin|log in|erneut|nouveau|nuevo|novo"
	notIssuedWords      = "no |missing|without|not returned|not provided|not included|necessary fields|none |null |empty|lacks|was not issued|kein|aucun|ningún|nenhum"
	readOnlyWords       = "read only|readonly|schreibgeschützt|lecture seule|solo lectura|somente leitura"
	readOnlyThingWords  = "permission|access|app|application|scope|token|cannot post|berechtigung"
	certificateWords    = "zertifikat|certificat|certificado|certificato|certificaat|certyfikat|sertifika|сертификат|証明書|证书|憑證鏈|인증서"
	badCertificateWords = "ungültig|abgelaufen|invalide|expiré|inválid|caducad|expirad|non valid|scadut|ongeldig|nieprawidłow|geçersiz|недействител|истек|無効|期限|无效|过期|유효하지|만료|ssl|tls"
	timeoutWords        = "zeitüberschreitung|zeitlimit|délai|tiempo de espera|tempo limite|timeout|time out|tempo di attesa|wachttijd|przekroczono czas|zaman aşımı|время ожидания|таймаут|タイムアウト|超时|逾時|시간 초과|انتهت مهلة"
	timedOutWords       = "anforderung|anfrage|verbindung|dépassé|expiré|agotad|superad|esgotad|excedid|scadut|verstreken|żądani|połączeni|istek|bağlantı|истекло|превышен|しました|接続|请求|连接|要求|連線|연결|요청|الطلب|request|connection|connecting|server|socket"
	connectionWords     = "verbindung|connexion|conexión|conexão|connessione|verbinding|połączenie|bağlantı|соединени|подключ|ネットワーク|接続|连接|網路|连线|연결"
	brokenWords         = "fehlgeschlagen|abgelehnt|verweigert|refusée|échoué|impossible|rechazada|falló|no se pudo|recusada|falhou|rifiutata|fallita|geweigerd|mislukt|nieudan|odrzucon|başarısız|отказ|не удалось|失敗|できません|拒否|失败|被拒绝|无法|失敗|실패|거부"
	organizationWords   = "organization|organisation|unternehmen|organización|organização|organizzazione|organizacji|kuruluş|организаци|組織|组织|機構|조직"
	badRequestWords     = oneOf(
		"request is invalid|invalid request|anfrage dieser app ist ungültig|ungültige anfrage|la solicitud de esta aplicación no es válida|solicitud no válida|solicitação desse app é inválida|solicitação deste app é inválida",
		"solicitação inválida|requête de cette application n est pas valide|demande de cette application n est pas valide|requête non valide|richiesta di questa app non è valida|richiesta non valida|verzoek van deze app is ongeldig",
		"ongeldig verzoek|żądanie tej aplikacji jest nieprawidłowe|isteği geçersiz|недопустимый запрос|недействител|リクエストは無効|无效|無效|잘못되었|غير صالح",
	)
	quotaWords = "quota|quotas|kontingent|cuota|cota|квота|割り当て|配额|配額|할당량"
)

// oneOf makes one group of several lines of it.
func oneOf(lines ...string) string { return strings.Join(lines, "|") }
