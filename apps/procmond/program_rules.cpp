// A bare -p of other programs is not here: it means too many things.
#include "program_rules.hpp"

#include <array>

namespace procmond {
namespace {

using namespace std::string_view_literals;
using enum SecretStyle;

constexpr auto rules = std::to_array<ProgramRule>({
    {"mysql"sv, "-p"sv, attached},
    {"mysqldump"sv, "-p"sv, attached},
    {"mysqladmin"sv, "-p"sv, attached},
    {"mysqlimport"sv, "-p"sv, attached},
    {"mysqlcheck"sv, "-p"sv, attached},
    {"mysqlshow"sv, "-p"sv, attached},
    {"mysqlbinlog"sv, "-p"sv, attached},
    {"mysqlslap"sv, "-p"sv, attached},
    {"mycli"sv, "-p"sv, attached_or_next},
    {"mariadb"sv, "-p"sv, attached},
    {"mariadb-dump"sv, "-p"sv, attached},
    {"mariadb-admin"sv, "-p"sv, attached},
    {"mariadb-import"sv, "-p"sv, attached},
    {"mariadb-check"sv, "-p"sv, attached},
    {"mariadb-show"sv, "-p"sv, attached},
    {"mariadb-binlog"sv, "-p"sv, attached},
    {"mariadb-slap"sv, "-p"sv, attached},
    {"mongo"sv, "-p"sv, attached_or_next},
    {"mongosh"sv, "-p"sv, attached_or_next},
    {"mongodump"sv, "-p"sv, attached_or_next},
    {"mongorestore"sv, "-p"sv, attached_or_next},
    {"mongoexport"sv, "-p"sv, attached_or_next},
    {"mongoimport"sv, "-p"sv, attached_or_next},
    {"mongostat"sv, "-p"sv, attached_or_next},
    {"cqlsh"sv, "-p"sv, attached_or_next},
    {"beeline"sv, "-p"sv, next},
    {"sqlcmd"sv, "-P"sv, attached_or_next},
    {"bcp"sv, "-P"sv, attached_or_next},
    {"isql"sv, "-P"sv, attached_or_next},
    {"sqlplus"sv, ""sv, logon},
    {"sqlldr"sv, ""sv, logon},
    {"expdp"sv, ""sv, logon},
    {"impdp"sv, ""sv, logon},
    {"redis-cli"sv, "-a"sv, attached_or_next},
    {"sshpass"sv, "-p"sv, attached_or_next},
    {"ssh-keygen"sv, "-N"sv, attached_or_next},
    {"ssh-keygen"sv, "-P"sv, attached_or_next},
    {"ldapsearch"sv, "-w"sv, attached_or_next},
    {"ldapmodify"sv, "-w"sv, attached_or_next},
    {"ldapadd"sv, "-w"sv, attached_or_next},
    {"ldapdelete"sv, "-w"sv, attached_or_next},
    {"ldapwhoami"sv, "-w"sv, attached_or_next},
    {"ldappasswd"sv, "-w"sv, attached_or_next},
    {"ldappasswd"sv, "-s"sv, attached_or_next},
    {"ldappasswd"sv, "-a"sv, attached_or_next},
    {"curl"sv, "-u"sv, after_colon},
    {"curl"sv, "-U"sv, after_colon},
    {"curl"sv, "-b"sv, attached_or_next},
    {"curl"sv, "-E"sv, after_colon},
    {"curl"sv, "--cert"sv, after_colon},
    {"curl"sv, "-x"sv, userinfo},
    {"curl"sv, "--proxy"sv, userinfo},
    {"http"sv, "-a"sv, after_colon},
    {"https"sv, "-a"sv, after_colon},
    {"lftp"sv, "-u"sv, after_comma},
    {"smbclient"sv, "-U"sv, after_percent},
    {"smbclient"sv, "--user"sv, after_percent},
    {"rpcclient"sv, "-U"sv, after_percent},
    {"net"sv, "-U"sv, after_percent},
    {"winexe"sv, "-U"sv, after_percent},
    {"xfreerdp"sv, "/p:"sv, attached},
    {"rdesktop"sv, "-p"sv, attached_or_next},
    {"mosquitto_pub"sv, "-P"sv, attached_or_next},
    {"mosquitto_sub"sv, "-P"sv, attached_or_next},
    {"ipmitool"sv, "-P"sv, attached_or_next},
    {"snmpget"sv, "-A"sv, attached_or_next},
    {"snmpget"sv, "-X"sv, attached_or_next},
    {"snmpget"sv, "-c"sv, attached_or_next},
    {"snmpwalk"sv, "-A"sv, attached_or_next},
    {"snmpwalk"sv, "-X"sv, attached_or_next},
    {"snmpwalk"sv, "-c"sv, attached_or_next},
    {"snmpset"sv, "-A"sv, attached_or_next},
    {"snmpset"sv, "-X"sv, attached_or_next},
    {"snmpset"sv, "-c"sv, attached_or_next},
    {"openssl"sv, "-k"sv, next},
    {"openssl"sv, "-K"sv, next},
    {"useradd"sv, "-p"sv, attached_or_next},
    {"usermod"sv, "-p"sv, attached_or_next},
    {"zip"sv, "-P"sv, attached_or_next},
    {"unzip"sv, "-P"sv, attached_or_next},
    {"7z"sv, "-p"sv, attached},
    {"7za"sv, "-p"sv, attached},
    {"7zr"sv, "-p"sv, attached},
    {"rar"sv, "-hp"sv, attached},
    {"rar"sv, "-p"sv, attached},
    {"unrar"sv, "-p"sv, attached},
    {"nmcli"sv, "password"sv, next},
    {"nmcli"sv, "wifi-sec.psk"sv, next},
    {"nmcli"sv, "802-11-wireless-security.psk"sv, next},
    {"nmcli"sv, "802-1x.password"sv, next},
    {"aws"sv, "aws_secret_access_key"sv, next},
    {"aws"sv, "aws_session_token"sv, next},
    // USER:GROUP
    {"docker"sv, "--user"sv, harmless},
    {"docker-compose"sv, "--user"sv, harmless},
    {"podman"sv, "--user"sv, harmless},
    {"nerdctl"sv, "--user"sv, harmless},
    {"buildah"sv, "--user"sv, harmless},
    {""sv, "--user"sv, after_colon},
    {""sv, "--proxy-user"sv, after_colon},
});

}  // namespace

std::span<const ProgramRule> program_rules() noexcept {
  return rules;
}

std::string_view flags_without_value(std::string_view program) noexcept {
  return program == "curl" ? "#0123456789afgGiIjJklLMnNOpqRsSvVZ"sv : std::string_view{};
}

}  // namespace procmond
